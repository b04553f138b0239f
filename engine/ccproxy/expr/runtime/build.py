"""Parts of arrays and objects under construction."""

from __future__ import annotations

from collections.abc import Mapping

from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json


def one(value: Value) -> tuple[Json, ...]:
    """Return the value as an item, nothing as no item."""
    return () if value is MISSING else (value,)


def spread(value: Value) -> tuple[Json, ...] | list[Json]:
    """Return an array's items, any other value as one item, nothing as no item."""
    if isinstance(value, list):
        return value
    return () if value is MISSING else (value,)


def present(entries: Mapping[str, Value]) -> dict[str, Json]:
    """Return an object without the fields that are nothing."""
    return {name: value for name, value in entries.items() if value is not MISSING}
