"""Helpers between JSON values and JSON text. Integers of any size and the digits of floats survive both ways."""

from __future__ import annotations

import json

import orjson

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

# orjson reads integers beyond 64 bits as floats, so that text with floats of that size is read again the slow way.
_LARGE = 2.0**63


@helper(returns=always())
def parse_json(text: Json) -> Value:
    """Reads JSON text; nothing when it is no JSON.

    `$parse_json("{\\"a\\": 1}")` is `{"a": 1}`
    """
    return read_json(text) if isinstance(text, str) else MISSING


@helper(
    returns=always("object", "string"),
    kinds=Kind.OBJECT | Kind.STRING | Kind.ARRAY | Kind.NUMBER | Kind.BOOLEAN,
    keeps=dict,
)
def parse_arguments(text: Json) -> Value:
    """Reads the arguments of a tool call: an object as it is, no text as `{}`, the text of an object as that object.

    Any other text stays the text it is, so that nothing is lost.
    `$parse_arguments("")` is `{}`, `$parse_arguments("{\\"a\\"")` is `"{\\"a\\""`
    """
    if text is None or (isinstance(text, str) and not text.strip()):
        return {}
    if not isinstance(text, str):
        return text
    value = read_json(text)
    return value if isinstance(value, dict) else text


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING, exact=("value",))
def to_json(value: Value) -> Value:
    """Writes a value as compact JSON text; nothing stays nothing.

    `$to_json({"a": [1, "é"]})` is `"{\\"a\\":[1,\\"é\\"]}"`
    """
    if value is MISSING:
        return MISSING
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_json(text: str) -> Value:
    """The value of JSON text; nothing when it is no JSON."""
    value: Json
    try:
        value = orjson.loads(text)
        if _has_large_float(value):
            value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING
    return value


def _has_large_float(value: Json) -> bool:
    if isinstance(value, float):
        return abs(value) >= _LARGE
    if isinstance(value, dict):
        return any(type(item) in _MAY_HOLD and _has_large_float(item) for item in value.values())
    return isinstance(value, list) and any(type(item) in _MAY_HOLD and _has_large_float(item) for item in value)


_MAY_HOLD = frozenset((float, dict, list))


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is no JSON")
