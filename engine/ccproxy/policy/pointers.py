"""JSON pointers (RFC 6901) over bodies that are never changed in place: what differs is copied along its path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

Steps: TypeAlias = tuple[str, ...]
_WRONG_ESCAPE: Final = re.compile(r"~(?![01])")


def parse_pointer(text: str) -> Steps | None:
    """Return the steps of a pointer below the root, None when `text` is none."""
    if not text.startswith("/") or text == "/" or _WRONG_ESCAPE.search(text):
        return None
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


def parse_path(text: str) -> Steps | None:
    """Return the steps of a pointer, or of a plain name, which means a field at the top."""
    return parse_pointer(text) if text.startswith("/") else (text,) if text else None


def read(value: Json, steps: Steps) -> Json:
    """Return what the steps lead to, None when they lead nowhere."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list):
            index = _index(step, len(value))
            value = None if index is None else value[index]
        else:
            return None
    return value


def written(body: JsonObject, steps: Steps, new: Json) -> JsonObject:
    """Return the body with a value in a place; missing objects on the way are made, `-` appends to a list."""
    changed = _written(body, steps, new)
    return changed if isinstance(changed, dict) else body


def removed(body: JsonObject, steps: Steps) -> JsonObject:
    """Return the body without what the steps lead to."""
    changed = _removed(body, steps)
    return changed if isinstance(changed, dict) else body


def _written(value: Json, steps: Steps, new: Json) -> Json:
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if value is None:
        value = {}
    if isinstance(value, dict):
        return {**value, step: _written(value.get(step), rest, new)}
    if isinstance(value, list):
        if step == "-":
            return [*value, _written(None, rest, new)]
        index = _index(step, len(value))
        if index is not None:
            return [*value[:index], _written(value[index], rest, new), *value[index + 1 :]]
    return value


def _removed(value: Json, steps: Steps) -> Json:
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict) and step in value:
        if rest:
            return {**value, step: _removed(value[step], rest)}
        return {name: inner for name, inner in value.items() if name != step}
    if isinstance(value, list):
        index = _index(step, len(value))
        if index is not None:
            kept: list[Json] = [_removed(value[index], rest)] if rest else []
            return [*value[:index], *kept, *value[index + 1 :]]
    return value


def _index(step: str, length: int) -> int | None:
    return int(step) if step.isdecimal() and int(step) < length else None
