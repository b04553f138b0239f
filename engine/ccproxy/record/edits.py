"""What changed between two JSON values: as edits that can be made again, and as differences that can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject


class Absent:
    """A field that is not there."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = Absent()
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs; `before` or `after` is ABSENT for what was added or removed."""

    path: Path
    before: Json | Absent
    after: Json | Absent

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer."""
        return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in self.path)


def changes(before: Json, after: Json, path: Path = ()) -> Iterator[Change]:
    """Yield the smallest places where two values differ. Numbers are equal when their values are."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _compare(before.get(name, ABSENT), after.get(name, ABSENT), (*path, name))
    elif isinstance(before, list) and isinstance(after, list):
        for number in range(max(len(before), len(after))):
            old = before[number] if number < len(before) else ABSENT
            new = after[number] if number < len(after) else ABSENT
            yield from _compare(old, new, (*path, number))
    elif type(before) is bool or type(after) is bool:
        if before is not after:
            yield Change(path, before, after)
    elif before != after:
        yield Change(path, before, after)


def _compare(before: Json | Absent, after: Json | Absent, path: Path) -> Iterator[Change]:
    if isinstance(before, Absent) or isinstance(after, Absent):
        yield Change(path, before, after)
    else:
        yield from changes(before, after, path)


def edits_between(before: Json, after: Json) -> list[JsonObject]:
    """Return edits that make the second value of the first; lists of different lengths are set whole."""
    return list(_edits(before, after, ()))


def _edits(before: Json, after: Json, path: Path) -> Iterator[JsonObject]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            if name not in after:
                yield {"at": [*path, name], "remove": True}
            elif name not in before:
                yield {"at": [*path, name], "set": after[name]}
            else:
                yield from _edits(before[name], after[name], (*path, name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _edits(old, new, (*path, number))
    elif before != after or type(before) is not type(after):
        yield {"at": list(path), "set": after}


def edited(value: Json, edits: Iterable[JsonObject]) -> Json:
    """Return the value after edits; an edit in a place that is no longer there is left out."""
    for edit in edits:
        at = edit.get("at")
        value = _edited(
            value, [step for step in at if isinstance(step, str | int)] if isinstance(at, list) else [], edit
        )
    return value


def _edited(value: Json, path: list[str | int], edit: JsonObject) -> Json:
    if not path:
        return edit.get("set", value)
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and isinstance(step, str):
        if not rest and "remove" in edit:
            return {name: item for name, item in value.items() if name != step}
        return {**value, step: _edited(value.get(step), rest, edit)} if step in value or not rest else value
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], _edited(value[step], rest, edit), *value[step + 1 :]]
    return value
