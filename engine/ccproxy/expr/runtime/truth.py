"""What counts as true."""

from __future__ import annotations

from ccproxy.expr.missing import MISSING, Value


def truth(value: Value) -> bool:
    """Python's truth, except that an array is true when any of its items is."""
    if isinstance(value, list):
        return any(truth(item) for item in value)
    return bool(value)


def negation(value: Value) -> Value:
    """`$not`: nothing stays nothing."""
    return MISSING if value is MISSING else not truth(value)


def boolean(value: Value) -> Value:
    """`$boolean`: nothing stays nothing."""
    return MISSING if value is MISSING else truth(value)
