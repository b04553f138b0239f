"""Predicates `[…]` on values that are not simply arrays of objects."""

from __future__ import annotations

from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.runtime.truth import truth
from ccproxy.jsontypes import Json


def index(value: Value, position: int) -> Value:
    """Return the item at a position; a single value is an array of one."""
    if isinstance(value, list):
        return value[position] if -len(value) <= position < len(value) else MISSING
    return value if position in (0, -1) else MISSING


def select(values: list[Json], verdicts: list[Value]) -> list[Json]:
    """Keep the items whose verdict is true, or names their position (or, in an array, positions)."""
    kept: list[Json] = []
    for position, (item, verdict) in enumerate(zip(values, verdicts, strict=True)):
        numbers = verdict if isinstance(verdict, list) else [verdict]
        if all(type(number) in (int, float) for number in numbers):
            kept += [item for number in numbers if _position(number, len(values)) == position]
        elif truth(verdict):
            kept.append(item)
    return kept


def _position(number: Value, count: int) -> int:
    whole = int(number) if isinstance(number, int | float) else 0
    return whole + count if whole < 0 else whole
