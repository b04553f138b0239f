"""Operators on values of any kind."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from ccproxy.expr.errors import ExpressionFailure
from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.runtime.text import text_of
from ccproxy.jsontypes import Json

# Integers up to here have exact sums as the doubles that JSONata calculates with.
_EXACT = 2**52


def equal(left: Value, right: Value) -> bool:
    """`=`: deep equality; nothing equals nothing."""
    if left is MISSING or right is MISSING:
        return False
    if is_number(left) and is_number(right):
        return left == right or _double_or_none(left) == _double_or_none(right) is not None
    return same(left, right)


def _double_or_none(value: Value) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:
        return None


def unequal(left: Value, right: Value) -> bool:
    """`!=`: false when either side is nothing."""
    return left is not MISSING and right is not MISSING and not equal(left, right)


def same(left: Json, right: Json) -> bool:
    """Deep equality in which true is not 1."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def contained(left: Value, right: Value) -> bool:
    """`in`."""
    if left is MISSING or right is MISSING:
        return False
    return left in right if isinstance(right, list) else left == right


def less(left: Value, right: Value) -> Value:
    return _ordered(left, right, "<", operator.lt)


def less_equal(left: Value, right: Value) -> Value:
    return _ordered(left, right, "<=", operator.le)


def greater(left: Value, right: Value) -> Value:
    return _ordered(left, right, ">", operator.gt)


def greater_equal(left: Value, right: Value) -> Value:
    return _ordered(left, right, ">=", operator.ge)


def _ordered(left: Value, right: Value, sign: str, holds: Callable[..., bool]) -> Value:
    for side in (left, right):
        if not (side is MISSING or isinstance(side, str) or is_number(side)):
            raise _incomparable(sign)
    if left is MISSING or right is MISSING:
        return MISSING
    if type(left) is type(right):
        return holds(left, right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return holds(_double(left), _double(right))
    message = f"the values {left!r} and {right!r} either side of operator {sign} must be of the same data type"
    raise ExpressionFailure("T2009", message)


def _incomparable(sign: str) -> ExpressionFailure:
    message = f"the expressions either side of operator {sign} must evaluate to numeric or string values"
    return ExpressionFailure("T2010", message)


def add(left: Value, right: Value) -> Value:
    if type(left) is int and type(right) is int and -_EXACT < left < _EXACT and -_EXACT < right < _EXACT:
        return left + right
    pair = _numbers(left, right, "+")
    return MISSING if pair is None else number(pair[0] + pair[1])


def subtract(left: Value, right: Value) -> Value:
    if type(left) is int and type(right) is int and -_EXACT < left < _EXACT and -_EXACT < right < _EXACT:
        return left - right
    pair = _numbers(left, right, "-")
    return MISSING if pair is None else number(pair[0] - pair[1])


def multiply(left: Value, right: Value) -> Value:
    pair = _numbers(left, right, "*")
    return MISSING if pair is None else number(pair[0] * pair[1])


def divide(left: Value, right: Value) -> Value:
    pair = _numbers(left, right, "/")
    if pair is None:
        return MISSING
    if not pair[1]:
        raise ExpressionFailure("D1001", "number out of range: division by zero")
    return number(pair[0] / pair[1])


def remainder(left: Value, right: Value) -> Value:
    pair = _numbers(left, right, "%")
    if pair is None:
        return MISSING
    if not pair[1]:
        raise ExpressionFailure("D1001", "number out of range: division by zero")
    return int(math.fmod(*pair))


def negate(value: Value) -> Value:
    if value is MISSING:
        return MISSING
    if not is_number(value):
        raise ExpressionFailure("D1002", f"cannot negate a non-numeric value: {value!r}")
    return number(-_double(value))


def _numbers(left: Value, right: Value, sign: str) -> tuple[float, float] | None:
    if left is not MISSING and not is_number(left):
        raise ExpressionFailure("T2001", f"the left side of the {sign} operator must evaluate to a number")
    if right is not MISSING and not is_number(right):
        raise ExpressionFailure("T2002", f"the right side of the {sign} operator must evaluate to a number")
    if left is MISSING or right is MISSING:
        return None
    return _double(left), _double(right)


def _double(value: Value) -> float:
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        raise ExpressionFailure("D1001", f"number out of range: {value!r}") from None


def number(result: float) -> int | float:
    """Return a calculated number; whole ones are integers."""
    if not math.isfinite(result):
        raise ExpressionFailure("D1001", f"number out of range: {result}")
    return int(result) if result == int(result) else result


def concat(left: Value, right: Value) -> str:
    """`&`."""
    return text_of(left) + text_of(right)
