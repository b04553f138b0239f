"""The few names that generated code calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import orjson

from ccproxy.expr.missing import MISSING
from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json


class _Null:
    """A literal `null` on its way into an output object, where None means nothing."""

    def __repr__(self) -> str:
        return "NULL"


NULL: Final = _Null()


class Rejection(Exception):  # noqa: N818  (a refusal is not a defect)
    """`$reject` was reached: the conversion ends with this unified error."""

    def __init__(self, error: dict[str, Json]) -> None:
        super().__init__(error.get("message"))
        self.error = error


def as_items(value: Json) -> list[Json]:
    """The items `$each` runs over: an array itself, any other value as one item."""
    return value if isinstance(value, list) else [value]


def look_up(table: Mapping[str, Json], value: Json, default: Json) -> Json:
    """A table's value; anything that is not a key gives the default."""
    return table.get(value, default) if isinstance(value, str) else default


def spread(target: dict[str, Json], value: Json) -> None:
    """`$merge`: write an object's keys into another; other values add nothing."""
    if isinstance(value, dict):
        target.update(value)


def copy_fields(target: dict[str, Json], source: Json, names: tuple[str, ...]) -> None:
    """`$copy`: same-named fields that are neither missing nor null."""
    if isinstance(source, dict):
        for name in names:
            value = source.get(name)
            if value is not None:
                target[name] = value


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def has_pointer(value: Json, pointer: str) -> bool:
    """Whether the pointer leads to something other than null."""
    for step in _steps(pointer):
        value = value.get(step) if isinstance(value, dict) else None
    return value is not None


def set_pointer(target: dict[str, Json], pointer: str, value: Json | _Null) -> None:
    """Set a nested field of `target`, copying objects on the way; None removes it, NULL writes null.

    Where a list or a scalar stands on the way nothing is set: an edit must not destroy what it does not know.
    """
    *parents, last = _steps(pointer)
    for step in parents:
        inner = target.get(step)
        if inner is None and value is not None:
            inner = {}
        if not isinstance(inner, dict):
            return
        inner = dict(inner)
        target[step] = inner
        target = inner
    if value is None:
        target.pop(last, None)
    else:
        target[last] = None if isinstance(value, _Null) else value


def runtime_namespace() -> dict[str, object]:
    """The names that generated code may use besides its constants."""
    functions = (Rejection, as_items, look_up, spread, copy_fields, has_pointer, set_pointer)
    return {"NULL": NULL, "MISSING": MISSING, "dumps": dump_json, "dumps_text": orjson.dumps} | {
        function.__name__: function for function in functions
    }
