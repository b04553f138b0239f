"""Helpers that choose and test."""

from __future__ import annotations

import re
from functools import lru_cache

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json
from ccproxy.shapes.shape import Shape, union


def _either(arguments: list[Shape]) -> Shape:
    return union(arguments[0].without("null"), arguments[1])


@helper(returns=_either, exact=("fallback",))
def default(value: Json, fallback: Value) -> Value:
    """Gives the value, or the fallback when it is nothing or null. (`??` keeps a null, `?:` also replaces 0 and "".)

    `$default(null, 1)` is `1`
    """
    return fallback if value is None else value


@helper(returns=always("boolean"), kinds=Kind.BOOLEAN)
def not_empty(value: Json) -> Value:
    """Tells whether a text, array or object holds anything; numbers and booleans do, nothing and null do not.

    `$not_empty("")` is `false`, `$not_empty(0)` is `true`
    """
    return bool(value) if isinstance(value, str | list | dict) else value is not None


@helper(returns=always())
def lookup_in(table: Json, key: Json) -> Value:
    """Gives the field of an object whose name is computed; nothing when there is none.

    `$lookup_in({"a": 1}, "a")` is `1`
    """
    if not isinstance(table, dict) or not isinstance(key, str):
        return MISSING
    return table.get(key, MISSING)


@helper(returns=always("boolean"), kinds=Kind.BOOLEAN)
def matches_glob(text: Json, pattern: Json) -> Value:
    """Tells whether a text matches a pattern, or one of a list, in which `*` is any text and `?` any character.

    `$matches_glob("gpt-5-mini", ["o?-*", "gpt-5*"])` is `true`
    """
    patterns = pattern if isinstance(pattern, list) else [pattern]
    if not isinstance(text, str):
        return False
    return any(isinstance(entry, str) and _glob(entry).fullmatch(text) is not None for entry in patterns)


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile("(?s:" + re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") + ")")
