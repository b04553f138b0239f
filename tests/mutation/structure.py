"""Mutants with something missing or in the wrong place: lines, cases, parentheses, branches."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from tests.mutation.slips import Mutant, replaced

from ccproxy.diagnostics.model import Span
from ccproxy.mapping import template as t
from ccproxy.yamltree.nodes import Entry, MapNode

# Lines whose loss changes nothing, or changes nothing that is a mistake.
EMPTY_OR_SAME = ("#", "drops:", "$concat:", "source:", "title:", "description:", "why:")


def structure_mutants(file: str, text: str, templates: list[t.Template], rng: random.Random) -> Iterator[Mutant]:
    """Mutants of every kind for one file."""
    yield from _without_a_line(file, text)
    own = [each for root in templates for each in t.walk(root) if each.node.span.file == file]
    for template in own:
        if isinstance(template, t.Dynamic):
            yield from _without_parenthesis(file, text, template, rng)
        elif isinstance(template, t.Match):
            yield from _without_a_case(file, text, template)
            yield from _swapped_cases(file, text, template)
        elif isinstance(template, t.If):
            yield from _swapped_branches(file, text, template)


def _without_a_line(file: str, text: str) -> Iterator[Mutant]:
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith(EMPTY_OR_SAME):
            yield Mutant("removed line", file, number, line.strip(), "".join(lines[: number - 1] + lines[number:]))


def _without_parenthesis(file: str, text: str, template: t.Dynamic, rng: random.Random) -> Iterator[Mutant]:
    raw = template.node.text
    bare = re.sub(r"'[^']*'", lambda found: " " * len(found.group()), raw)  # brackets of words are words
    places = [place for place, char in enumerate(bare) if char in "()[]"]
    if places:
        place = rng.choice(places)
        span = template.node.place(place, 1)
        what = f"{raw[place]} of {' '.join(raw.split())[:40]}"
        yield Mutant("removed parenthesis", file, span.line, what, replaced(text, span.line, span.column, 1, ""))


def _without_a_case(file: str, text: str, template: t.Match) -> Iterator[Mutant]:
    node = template.node
    if not isinstance(node, MapNode) or node.flow:
        return
    lines = text.splitlines(keepends=True)
    for position, entry in enumerate(node.entries):
        if entry.name.startswith("$"):
            continue
        end = _end(node, position, lines)
        start = entry.key.span.line
        yield Mutant("removed case", file, start, entry.name, "".join(lines[: start - 1] + lines[end - 1 :]))


def _end(node: MapNode, position: int, lines: list[str]) -> int:
    """The line after an entry: that of the next entry, or the first line that is indented less."""
    if position + 1 < len(node.entries):
        return node.entries[position + 1].key.span.line
    entry = node.entries[position]
    for number in range(entry.key.span.line, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip()) < entry.key.span.column:
            return number + 1
    return len(lines) + 1


def _swapped_cases(file: str, text: str, template: t.Match) -> Iterator[Mutant]:
    """Two neighbours exchange their names."""
    cases = [case for case in template.cases if case.node.style == "plain"]
    for one, other in pairwise(cases):
        yield _swapped_words(
            file, text, "swapped branches", one.node.span, one.node.text, other.node.span, other.node.text
        )


def _swapped_branches(file: str, text: str, template: t.If) -> Iterator[Mutant]:
    node = template.node
    entries: list[Entry] = (
        [each for each in node.entries if each.name in ("$then", "$else")] if isinstance(node, MapNode) else []
    )
    if len(entries) == 2:
        one, other = entries
        yield _swapped_words(file, text, "swapped branches", one.key.span, one.name, other.key.span, other.name)


def _swapped_words(file: str, text: str, kind: str, first: Span, word: str, second: Span, other: str) -> Mutant:
    if first.line == second.line:
        changed = replaced(text, second.line, second.column, len(other), word)
        changed = replaced(changed, first.line, first.column, len(word), other)
    else:
        changed = replaced(text, first.line, first.column, len(word), other)
        changed = replaced(changed, second.line, second.column, len(other), word)
    return Mutant(kind, file, first.line, f"{word} <-> {other}", changed)
