"""Which of two close names is the misspelt one: the one whose words turn up nowhere else."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ccproxy.mapping import template as t

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WORD = re.compile(r"[A-Za-z][a-z]*")


def words_of(name: str) -> set[str]:
    """The words of a name in lower_snake, kebab-case or camelCase."""
    return {word.lower() for word in WORD.findall(name)}


def vocabulary_of(templates: Iterable[t.Template], names: Iterable[str]) -> Mapping[str, int]:
    """The words of mapping files, and how often they stand there."""
    words: Counter[str] = Counter()
    for name in names:
        words.update(words_of(name))
    for root in templates:
        for each in t.walk(root):
            if isinstance(each, t.Object):
                for entry in each.fields:
                    words.update(words_of(entry.key))
            elif isinstance(each, t.Dynamic):
                words.update(words_of(each.expression.text))
            elif isinstance(each, t.Match):
                for case in each.cases:
                    words.update(words_of(case.node.text))
    return words


def looks_misspelt(name: str, other: str, vocabulary: Mapping[str, int]) -> bool:
    """Whether `name`, rather than `other`, has a word that is used nowhere else."""
    return _rarest(name, vocabulary) <= 1 < _rarest(other, vocabulary)


def _rarest(name: str, vocabulary: Mapping[str, int]) -> int:
    return min((vocabulary.get(word, 0) for word in words_of(name)), default=0)
