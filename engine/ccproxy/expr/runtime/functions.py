"""Built-in functions: the usual types here, every other case by the reference implementation."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from ccproxy.expr.errors import ExpressionFailure
from ccproxy.expr.fallback import reference
from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.runtime.paths import items, lookup, sequence
from ccproxy.jsontypes import Json

_TYPES: dict[type, str] = {
    str: "string", dict: "object", list: "array", bool: "boolean", int: "number", float: "number", type(None): "null",
}  # fmt: skip
_SPACES = re.compile("[ \t\n\r]+")


def type_of(value: Value) -> Value:
    return _TYPES.get(type(value), MISSING)


def count(value: Value) -> int:
    if isinstance(value, list):
        return len(value)
    return 0 if value is MISSING or value is None else 1


def length(value: Value) -> Value:
    return len(value) if isinstance(value, str) else reference("length", MISSING, value)


def lowercase(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else reference("lowercase", MISSING, value)


def uppercase(value: Value) -> Value:
    return value.upper() if isinstance(value, str) else reference("uppercase", MISSING, value)


def trim(value: Value) -> Value:
    if not isinstance(value, str):
        return reference("trim", MISSING, value)
    return _SPACES.sub(" ", value).removeprefix(" ").removesuffix(" ")


def contains(context: Value, value: Value, part: Value) -> Value:
    if isinstance(value, str) and isinstance(part, str):
        return part in value
    return reference("contains", context, value, part)


def matches(context: Value, value: Value, pattern: re.Pattern[str]) -> Value:
    """`$contains` with a regular expression."""
    if isinstance(value, str):
        return pattern.search(value) is not None
    return reference("contains", context, value, pattern)


def substring(context: Value, value: Value, start: Value, size: Value = MISSING) -> Value:
    if type(value) is str and type(start) is int and start >= 0 and (size is MISSING or type(size) is int):
        end = None if size is MISSING else start + max(int(size), 0)
        return value[start:end]
    sizes = () if size is MISSING else (size,)
    return reference("substring", context, value, start, *sizes)


def before(context: Value, value: Value, mark: Value) -> Value:
    if isinstance(value, str) and isinstance(mark, str):
        return value.partition(mark)[0] if mark else ""
    return reference("substringBefore", context, value, mark)


def after(context: Value, value: Value, mark: Value) -> Value:
    if isinstance(value, str) and isinstance(mark, str) and mark:
        head, found, tail = value.partition(mark)
        return tail if found else head
    return reference("substringAfter", context, value, mark)


def split(context: Value, value: Value, mark: Value) -> Value:
    if isinstance(value, str) and isinstance(mark, str) and mark:
        return list(value.split(mark))
    return reference("split", context, value, mark)


def join(values: Value, separator: Value = "") -> Value:
    if isinstance(values, list) and isinstance(separator, str) and all(isinstance(item, str) for item in values):
        return separator.join(values)  # type: ignore[arg-type]
    return reference("join", MISSING, values, separator)


def replace(context: Value, value: Value, old: Value, new: Value) -> Value:
    if isinstance(value, str) and isinstance(old, str) and old and isinstance(new, str) and "$" not in new:
        return value.replace(old, new)
    return reference("replace", context, value, old, new)


def number(value: Value) -> Value:
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return _whole(value)
    return reference("number", MISSING, value)


def total(value: Value) -> Value:
    if _is_numbers(value) and len(value):  # type: ignore[arg-type]
        return _whole(sum(value))  # type: ignore[arg-type]
    return reference("sum", MISSING, value)


def largest(value: Value) -> Value:
    return _whole(max(value)) if _is_numbers(value) and value else reference("max", MISSING, value)  # type: ignore[type-var, arg-type]


def smallest(value: Value) -> Value:
    return _whole(min(value)) if _is_numbers(value) and value else reference("min", MISSING, value)  # type: ignore[type-var, arg-type]


def _is_numbers(value: Value) -> bool:
    return isinstance(value, list) and all(type(item) in (int, float) for item in value)


def _whole(value: float) -> Value:
    """A function's number as a result: integral ones are integers."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionFailure("D1001", f"number out of range: {value}")
    return int(value) if int(value) == value else value


def _integral(value: Value) -> Value:
    return _whole(value) if type(value) is float else value


def field(value: Value, name: str) -> Value:
    """`$lookup`."""
    return _integral(lookup(value, name))


def floor(value: Value) -> Value:
    return value if type(value) is int and abs(value) < 2**53 else reference("floor", MISSING, value)


def ceil(value: Value) -> Value:
    return value if type(value) is int and abs(value) < 2**53 else reference("ceil", MISSING, value)


def absolute(value: Value) -> Value:
    return abs(value) if type(value) is int else reference("abs", MISSING, value)


def keys(value: Value) -> list[Json]:
    """`$keys` as a sequence."""
    if isinstance(value, dict):
        return list(value)
    if isinstance(value, list):
        return list(dict.fromkeys(key for item in value for key in keys(item)))
    return []


def append(left: Value, right: Value) -> Value:
    if left is MISSING or right is MISSING:
        return _integral(right if left is MISSING else left)
    first = left if isinstance(left, list) else [left]
    return [*first, *right] if isinstance(right, list) else [*first, right]


def distinct(value: Value) -> Value:
    if not isinstance(value, list):
        return _integral(value)
    found: list[Json] = []
    for item in value:
        if item not in found:
            found.append(item)
    return found


def distinct_of_made(value: list[Json]) -> Value:
    """`$distinct` of an array that the expression itself made."""
    return sequence(items(distinct(value))) if len(value) > 1 else value


def reduce(values: list[Json], body: Callable[[Value, Json], Value], start: Value = MISSING) -> Value:
    """`$reduce`: without a start, the first item is it."""
    if start is MISSING and values:
        start, values = values[0], values[1:]
    for item in values:
        start = body(start, item)
    return _integral(start)


def merge(value: Value) -> Value:
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return {name: item for entry in value for name, item in entry.items()}  # type: ignore[union-attr]
    return reference("merge", MISSING, value)


def single(found: list[Json]) -> Value:
    """`$single`, given the items that match."""
    if len(found) == 1:
        return _integral(found[0])
    code, number_found = ("D3138", "more") if found else ("D3139", "0")
    message = f"the $single() function expected exactly 1 matching result, instead it matched {number_found}"
    raise ExpressionFailure(code, message)


def array_argument(value: Value) -> list[Json] | None:
    """What a function over arrays runs over; nothing for nothing and for null."""
    if isinstance(value, list):
        return value
    return None if value is MISSING or value is None else [value]


def object_argument(value: Value, function: str) -> dict[str, Json]:
    """What a function over objects runs over."""
    if isinstance(value, dict):
        return value
    if value is MISSING:
        return {}
    raise ExpressionFailure("T0410", f"argument 1 of function {function} does not match function signature")
