"""Mutants of files that hold facts rather than rules: a misspelt key or word, a lost line."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.mutation.slips import Mutant, misspelt, replaced

from ccproxy.yamltree.nodes import MapNode, Node, ScalarNode, walk

WORD = re.compile(r"[a-z][A-Za-z0-9_-]{3,}")
# Names, limits, prices and addresses that only a host or a client program knows; nobody can check them offline.
TOLD_BY_OTHERS = ("/providers/", "/clients/", "/compat/")
# Words that other files refer to, or that a schema lists.
REFERENCES = frozenset(("protocol", "quirk", "table", "provider", "client", "dialect", "after", "quirks", "values"))


def fact_mutants(file: str, text: str, root: Node, rng: random.Random) -> Iterator[Mutant]:
    """One mutant for every key, plain word and line."""
    for node in walk(root):
        for entry in node.entries if isinstance(node, MapNode) else ():
            span = entry.key.span
            if entry.key.style == "plain" and WORD.fullmatch(entry.name) and not _is_of_others(file, node, root):
                yield _misspelt("fact: key", file, text, entry.key, rng)
            if isinstance(entry.value, ScalarNode) and (
                entry.name in REFERENCES or ("/shared/" in file and node is not root)
            ):
                value = entry.value
                if value.style == "plain" and isinstance(value.value, str) and WORD.fullmatch(value.text):
                    yield _misspelt("fact: word", file, text, value, rng)
            if not node.flow and "/shared/" in file and node is not root and _ends_on(entry.value, span.line):
                lines = text.splitlines(keepends=True)
                rest = "".join(lines[: span.line - 1] + lines[span.line :])
                yield Mutant("fact: removed line", file, span.line, lines[span.line - 1].strip(), rest)


def _is_of_others(file: str, node: Node, root: Node) -> bool:
    return node is not root and any(folder in file for folder in TOLD_BY_OTHERS)


def _misspelt(kind: str, file: str, text: str, node: ScalarNode, rng: random.Random) -> Mutant:
    span, word = node.span, node.text
    wrong = misspelt(word, rng)
    return Mutant(kind, file, span.line, f"{word} -> {wrong}", replaced(text, span.line, span.column, len(word), wrong))


def _ends_on(value: Node, line: int) -> bool:
    return all(each.span.line == line for each in walk(value))
