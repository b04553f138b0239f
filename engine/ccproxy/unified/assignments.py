"""Arguments that an upstream gives one value at a time, each with its place: `$.items[0].name`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, cast

from ccproxy.jsontypes import Json, JsonObject

_STEP: Final = re.compile(r"""\.?([^.\[\]'"$]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")


def assign(arguments: JsonObject, path: str, value: Json) -> None:
    """Put a value where the path leads, making what is missing on the way; text adds to text that is there."""
    steps = list(_steps(path)) or [""]
    place: Json = arguments
    for step, following in pairwise(steps):
        inner = _at(place, step)
        if not isinstance(inner, list if isinstance(following, int) else dict):
            inner = [] if isinstance(following, int) else {}
            _put(place, step, inner)
        place = inner
    old = _at(place, steps[-1])
    _put(place, steps[-1], old + value if isinstance(old, str) and isinstance(value, str) else value)


def _steps(path: str) -> Iterator[str | int]:
    for name, index, single, double in _STEP.findall(path):
        yield int(index) if index else name or re.sub(r"\\(.)", r"\1", single or double)


def _at(place: Json, step: str | int) -> Json:
    if isinstance(place, dict):
        return place.get(str(step))
    return place[step] if isinstance(place, list) and isinstance(step, int) and step < len(place) else None


def _put(place: Json, step: str | int, value: Json) -> None:
    """Set an entry; a list grows by one at most, whatever index was said."""
    if isinstance(place, dict):
        place[str(step)] = value
    elif isinstance(place, list):
        index = cast("int", step)
        place[index : index + 1] = [value]
