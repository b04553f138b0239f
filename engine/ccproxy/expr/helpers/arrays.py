"""Helpers on arrays."""

from __future__ import annotations

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.runtime.text import text_of
from ccproxy.jsontypes import Json
from ccproxy.shapes.shape import Shape, union


def _array_of_items(arguments: list[Shape]) -> Shape:
    given = arguments[0]
    if given.is_any:
        return Shape.array(Shape.any())
    return Shape.array(union(given.items(), given.without("array", "null")))


@helper(returns=_array_of_items, kinds=Kind.ARRAY, keeps=list)
def as_list(value: Json) -> Value:
    """Gives an array as it is, nothing and null as `[]`, any other value as an array of one.

    `$as_list("a")` is `["a"]`
    """
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


@helper(returns=always("string"), kinds=Kind.STRING)
def join_text(parts: Json, separator: Json = "") -> Value:
    """Joins the texts of an array and leaves out null and empty ones; other values join as `$string` writes them.

    `$join_text(["a", "", null, "b"], " ")` is `"a b"`
    """
    if type(parts) is str:
        return parts
    from_text = [text for item in as_items(parts) if (text := _text(item))]
    return (separator if isinstance(separator, str) else "").join(from_text)


@helper(returns=always("number"), kinds=Kind.NUMBER | Kind.MISSING)
def min_of(first: Json, second: Json) -> Value:
    """Gives the smaller of two numbers; when one of them is no number, the other.

    `$min_of(max_tokens, 4096)` is `4096` when `max_tokens` is missing
    """
    numbers = _numbers(first, second)
    return min(numbers) if numbers else MISSING


@helper(returns=always("number"), kinds=Kind.NUMBER | Kind.MISSING)
def max_of(first: Json, second: Json) -> Value:
    """Gives the larger of two numbers; when one of them is no number, the other.

    `$max_of(0, -3)` is `0`
    """
    numbers = _numbers(first, second)
    return max(numbers) if numbers else MISSING


def as_items(value: Json) -> list[Json]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _text(value: Json) -> str:
    return "" if value is None else text_of(value)


def _numbers(*values: Json) -> list[int | float]:
    return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
