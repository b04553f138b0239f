"""The history of what an expression gave: a value that stands in a source, or one made of what was read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.trace.made import Made, Note, Path, Ref, unique

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
        notes: dict[Path, Note] = {(): inner.note(place, found.sources)}
        return Made(value, None, notes | dict(_taken_fields(value, found, place, inner)))
    known = spot.made()
    if known.ref is not None:
        return Made(value, known.ref, {(): inner.note(place, (known.ref,), known.ref)})
    own = known.notes.get(())
    if own is None:
        return Made(value, None, {**known.notes, (): inner.note(place, found.sources)})
    read = unique((*own.conditions, *inner.conditions))
    return Made(value, None, {**known.notes, (): replace(own, conditions=read, via=(*inner.via, place))})


def _taken_fields(value: Json, found: Reading, place: Span, scope: Scope) -> Iterator[tuple[Path, Note]]:
    """Fields of a new object that are those of an object that was read, as of one that was picked from or merged."""
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        for spot in found.spots:
            held = spot.value.get(key) if isinstance(spot.value, dict) else None
            if held is not None and is_same(held, item):
                taken = spot.inside(key, held)
                yield (key,), scope.note(place, taken.origin.refs(taken.path), whole_source(taken.made()))
                break


def whole_source(made: Made) -> Ref | None:
    """Where the same value stands in a source, if anywhere."""
    own = made.notes.get(())
    return made.ref or (own.copied if own is not None else None)


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
