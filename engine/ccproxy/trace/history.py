"""The history of what an expression gave: a value that stands in a source, or one made of what was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.trace.made import Made, unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.trace.reading import Reading, Spot
    from ccproxy.trace.scope import Scope


def result_of(value: Json, found: Reading, place: Span, scope: Scope) -> Made:
    """The history of an expression's value."""
    inner = scope.given(found.conditions)
    spot = None if found.computed else copy_of(value, found.spots)
    if spot is None:
        return Made(value, None, {(): inner.note(place, found.sources)})
    known = spot.made()
    if known.ref is not None:
        return Made(value, known.ref, {(): inner.note(place, (known.ref,), known.ref)})
    own = known.notes.get(())
    if own is None:
        return Made(value, None, {**known.notes, (): inner.note(place, found.sources)})
    read = unique((*own.conditions, *inner.conditions))
    return Made(value, None, {**known.notes, (): replace(own, conditions=read, via=(*inner.via, place))})


def copy_of(value: Json, spots: Sequence[Spot]) -> Spot | None:
    """What was read and is this very value."""
    for spot in spots:
        if is_same(spot.value, value):
            return spot
    return None


def histories(items: list[Json], found: Reading, place: Span, scope: Scope) -> Iterator[Made]:
    """The history of each item of an expression's list."""
    candidates = [inner for spot in found.spots for inner in _opened(spot)]
    in_step = len(candidates) == len(items)
    for number, item in enumerate(items):
        chosen = [candidates[number]] if in_step else []
        spot = copy_of(item, [*chosen, *candidates])
        if spot is not None:
            yield spot.made()
        else:
            yield Made(item, None, {(): scope.given(found.conditions).note(place, found.sources)})


def is_same(one: Json, other: Json) -> bool:
    """Whether two values are one: the same container, or equal scalars."""
    if isinstance(one, dict | list):
        return one is other
    return type(one) is type(other) and one == other


def _opened(spot: Spot) -> list[Spot]:
    if isinstance(spot.value, list):
        return [spot.inside(number, item) for number, item in enumerate(spot.value)]
    return [spot]
