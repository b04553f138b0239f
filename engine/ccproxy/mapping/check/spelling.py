"""Words that stand in no schema and in no other mapping, but are one slip away from one that does."""

from __future__ import annotations

import re
import string
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.datadirs import find_data_dir
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.expr import syntax as s
from ccproxy.mapping import template as t
from ccproxy.mapping.check.vocabulary import words_of
from ccproxy.yamltree.nodes import ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.model import Tree

TOKEN = re.compile(r"[a-z][A-Za-z0-9_.-]*")
SCHEMA_WORD = re.compile(r"[A-Za-z][a-z]+")
QUOTED = re.compile(r'"([A-Za-z][\w.-]*)"')
SHORTEST = 5


@dataclass(slots=True)
class Spelling:
    """The words of a tree, and those of the schemas of one protocol."""

    folder: str
    counts: Counter[str]
    _text: str | None = None
    _names: frozenset[str] = frozenset()

    def problems(self, templates: Iterable[t.Template]) -> Iterator[Diagnostic]:
        """Literals with a misspelt word."""
        for root in templates:
            for text, span in _literals(root):
                for word in sorted(words_of(text)):
                    meant = None if self._is_known(word) else self._meant(word)
                    if meant:
                        yield _misspelt(text, text.replace(word, meant), span)

    def _is_known(self, word: str) -> bool:
        return len(word) < SHORTEST or self.counts[word] > 1 or word in self._schemas()

    def _meant(self, word: str) -> str | None:
        for other in _slips(word):
            known = self.counts[other] > 1 or other in self._schema_names()
            if known and len(other) >= SHORTEST and other not in (word + "s", word[:-1]):
                return other
        return None

    def _schemas(self) -> str:
        """The text of the schemas."""
        if self._text is None:
            folders = [find_data_dir("schemas") / name for name in ("unified", f"wire/{self.folder}")]
            paths = [path for folder in folders for path in sorted(folder.glob("*.json"))]
            self._text = "".join(path.read_text(encoding="utf-8").lower() for path in paths)
        return self._text

    def _schema_names(self) -> frozenset[str]:
        """The words of names in the schemas, without those of descriptions."""
        if not self._names:
            names = QUOTED.findall(self._schemas())
            self._names = frozenset(word for name in set(names) for word in words_of(name))
        return self._names


def spoken_words(tree: Tree) -> Counter[str]:
    """Every word of the tree's templates and tables, and how often it stands there."""
    words: Counter[str] = Counter()
    for folder in tree.folders.values():
        words.update(words_of(folder.name))
        for name, part in folder.parts.items():
            words.update(words_of(name))
            words.update(_words(part.template))
        for template in folder.transforms.values():
            words.update(_words(template))
    for table in tree.tables.values():
        for key, value in table.values.items():
            words.update(words_of(key))
            words.update(words_of(str(value)))
    return words


def _words(root: t.Template) -> Iterator[str]:
    for each in t.walk(root):
        match each:
            case t.Dynamic(expression=expression):
                yield from SCHEMA_WORD.findall(expression.text.lower())
            case t.Object(fields=fields):
                for entry in fields:
                    yield from words_of(entry.key)
            case t.Match(cases=cases):
                for case in cases:
                    yield from words_of(case.node.text)
            case t.Literal(value=str() as value):
                yield from words_of(value)


def _literals(root: t.Template) -> Iterator[tuple[str, Span]]:
    """Literals that are names rather than sentences."""
    for each in t.walk(root):
        match each:
            case t.Literal(value=str() as value, node=ScalarNode() as node) if TOKEN.fullmatch(value):
                yield value, node.span
            case t.Match(cases=cases):
                yield from ((word, case.node.span) for case in cases for word in case.node.text.split("|"))
            case t.Dynamic(expression=expression, node=node):
                for leaf in s.walk(expression.ast):
                    if isinstance(leaf, s.Literal) and isinstance(leaf.value, str) and TOKEN.fullmatch(leaf.value):
                        yield leaf.value, node.place(1 + leaf.offset, leaf.length)


def _slips(word: str) -> Iterator[str]:
    """Words that are one slip away: a letter too many, too few, another, or two exchanged."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    yield from (left + right[1:] for left, right in splits if right)
    yield from (left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1)
    for letter in string.ascii_lowercase:
        yield from (left + letter + right for left, right in splits)
        yield from (left + letter + right[1:] for left, right in splits if right)


def _misspelt(text: str, meant: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "W704",
        f"`{text}` looks misspelt",
        span,
        label="a word of it stands in no schema and in no other mapping",
        help=f"write `{meant}`, if that is meant",
        severity="warning",
        suggestion=meant,
    )
