"""What counts as true."""

from __future__ import annotations

from ccproxy.expr.missing import MISSING, Value


def truth(value: Value) -> bool:
    """Python's truth, except that an array is true when any of its items is."""
    if isinstance(value, list):
        for item in value:  # noqa: SIM110  (a generator costs more than the one item it mostly looks at)
            if item and (type(item) is not list or truth(item)):
                return True
        return False
    return bool(value)


def negation(value: Value) -> Value:
    """`$not`: nothing stays nothing."""
    return MISSING if value is MISSING else not truth(value)


def boolean(value: Value) -> Value:
    """`$boolean`: nothing stays nothing."""
    return MISSING if value is MISSING else truth(value)
