"""Native blocks that arrive in pieces: put together without knowing whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from ccproxy.jsontypes import Json
from ccproxy.unified.arguments import parse_arguments


def merge_native(value: Json, deltas: Sequence[Json], arguments: str) -> Json:
    """The whole block: its start, with deltas merged in and arguments in the place left empty for them."""
    for delta in deltas:
        value = _merge_delta(value, delta)
    return _fill_arguments(value, arguments) if arguments else value


def _merge_delta(value: Json, delta: Json) -> Json:
    """A delta of the block's own type is the block anew; else texts and lists grow, the rest is replaced."""
    if not isinstance(value, dict) or not isinstance(delta, dict):
        return value
    if delta.get("type") == value.get("type"):
        return delta
    grown = {name: _grown(value[name], added) for name, added in delta.items() if name in value and name != "type"}
    return {**value, **grown}


def _grown(old: Json, added: Json) -> Json:
    if isinstance(old, str) and isinstance(added, str):
        return old + added
    if isinstance(old, list) and isinstance(added, list):
        return [*old, *added]
    return old if added is None else added


def _fill_arguments(value: Json, arguments: str) -> Json:
    """Put arguments where the start of the block has an empty object."""
    if not isinstance(value, dict):
        return value
    place = next((name for name, inner in value.items() if inner == {}), None)
    return value if place is None else {**value, place: parse_arguments(arguments)}
