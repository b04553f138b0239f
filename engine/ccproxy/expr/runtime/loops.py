"""Loops over values that are no arrays."""

from __future__ import annotations

from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.runtime.paths import sequence
from ccproxy.jsontypes import Json


def items_of(value: Value) -> list[Json] | None:
    """An array itself, any other value as one item; None for nothing and null."""
    if isinstance(value, list):
        return value
    return None if value is MISSING or value is None else [value]


def items_of_sequence(found: list[Json]) -> list[Json] | None:
    """The items of what a sequence comes to: of one array its items, of no item nothing."""
    return items_of(sequence(found))
