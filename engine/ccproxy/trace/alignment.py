"""Where the values of a document stood before the engine changed it: by identity, by place, by equality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ccproxy.expr.missing import MISSING

if TYPE_CHECKING:
    from ccproxy.expr.missing import Value
    from ccproxy.jsontypes import Json
    from ccproxy.trace.made import Path

SHORTEST_TELLING_TEXT: Final = 2


class Origin(NamedTuple):
    """Where a value stood; `same` when it is unchanged."""

    path: Path
    same: bool


@dataclass(slots=True)
class Before:
    """A document before a change: a copy of it, and where each of its containers stood.

    The containers are kept, for what takes the place of one that is gone could get its identity.
    """

    document: Json
    containers: Mapping[int, tuple[object, Path]] = field(default_factory=dict)

    def place_of(self, container: object) -> Path | None:
        """Where a container stood."""
        known = self.containers.get(id(container))
        return known[1] if known is not None else None


def containers(value: Json, path: Path = ()) -> Iterator[tuple[int, tuple[object, Path]]]:
    """Every object and array by its identity, and where it stands."""
    if isinstance(value, dict | list):
        yield id(value), (value, path)
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from containers(item, (*path, key))


def align(after: Json, before: Before) -> dict[Path, Origin | None]:
    """For each place that must be told of, where its value stood; None for what is new. Unchanged values are not
    looked into.
    """
    found: dict[Path, Origin | None] = {}
    _align(after, (), (), before, found)
    return found


def _align(value: Json, path: Path, guess: Path | None, before: Before, found: dict[Path, Origin | None]) -> None:
    """`guess` is where the value stood if nothing moved."""
    origin = before.place_of(value) if isinstance(value, dict | list) else None
    origin = guess if origin is None else origin
    old = value_at(before.document, origin)
    if old is MISSING or origin is None:
        found[path] = None
        origin = None
    else:
        same = old == value and type(old) is type(value)
        found[path] = Origin(origin, same)
        if same:
            return
    if isinstance(value, dict):
        for key, item in value.items():
            _align(item, (*path, key), None if origin is None else (*origin, key), before, found)
    elif isinstance(value, list):
        olds = old if isinstance(old, list) else []
        for number, item in enumerate(value):
            _align(item, (*path, number), _place_in(item, number, olds, origin), before, found)


def _place_in(item: Json, number: int, olds: list[Json], origin: Path | None) -> Path | None:
    """Where an item of a list was: at its number, or where an equal one was."""
    if origin is None:
        return None
    if number < len(olds) and olds[number] == item:
        return (*origin, number)
    equal = next((place for place, old in enumerate(olds) if old == item), None)
    if equal is None:
        return (*origin, number) if number < len(olds) else None
    return (*origin, equal)


def value_at(document: Json, path: Path | None) -> Value:
    """The value at a path; MISSING where there is none."""
    if path is None:
        return MISSING
    value: Value = document
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return MISSING
    return value


class Leaves:
    """State: where scalars stand in stages. Of equal ones the latest counts."""

    def __init__(self) -> None:
        self._named: dict[tuple[str | int, str, Json], tuple[int, Path]] = {}
        self._texts: dict[str, tuple[int, Path]] = {}

    def add(self, stage: int, document: Json) -> None:
        for path, leaf in _leaves(document):
            self._named[path[-1] if path else "", type(leaf).__name__, leaf] = stage, path
            if isinstance(leaf, str) and len(leaf) >= SHORTEST_TELLING_TEXT:
                self._texts[leaf] = stage, path

    def origins(self, document: Json) -> dict[Path, tuple[int, Path] | None]:
        """For each scalar, where an equal one of the same name, or an equal text, stands; everything else is new."""
        found: dict[Path, tuple[int, Path] | None] = {(): None}
        for path, leaf in _leaves(document):
            place = self._named.get((path[-1] if path else "", type(leaf).__name__, leaf))
            found[path] = self._texts.get(leaf) if place is None and isinstance(leaf, str) else place
        return found


def _leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, str | int | float | bool | None]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, number))
    else:
        yield path, value
