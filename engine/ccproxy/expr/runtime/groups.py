"""Predicates that compare one field with words, `[type = 'text']`: items sorted once, then taken by word.

Items whose field is no string are under `OTHER`; items without the field are under `MISSING`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.runtime.paths import last_step
from ccproxy.jsontypes import Json

OTHER: Final = object()
Groups: TypeAlias = dict[object, list[Json]]


def grouped(values: list[Json], name: str) -> Groups:
    """The items by the value of their field, each group in the order of the items."""
    groups: Groups = {}
    for item in values:
        word = item.get(name, MISSING) if type(item) is dict else last_step(item, name)
        if type(word) is not str and word is not MISSING:
            word = OTHER  # type: ignore[assignment]
        if word in groups:
            groups[word].append(item)
        else:
            groups[word] = [item]
    return groups


def among(groups: Groups, words: tuple[str, ...], values: list[Json], name: str) -> list[Json]:
    """`[field in words]`."""
    found: list[Json] | None = None
    for word, group in groups.items():
        if word in words:
            if found is not None:
                return _where(values, name, lambda word: word in words)
            found = group
    return found or []


def others(groups: Groups, word: str, values: list[Json], name: str) -> list[Json]:
    """`[field != word]`: nothing is not unequal to anything."""
    rest = len(groups) - (word in groups) - (MISSING in groups)
    if not rest:
        return []
    if rest == len(groups):
        return list(values)
    return _where(values, name, lambda other: other is not MISSING and other != word)


def _where(values: list[Json], name: str, keeps: Callable[[Value], bool]) -> list[Json]:
    return [item for item in values if keeps(last_step(item, name))]
