"""Helpers on text."""

from __future__ import annotations

import hashlib

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json


@helper(returns=always("boolean"), kinds=Kind.BOOLEAN)
def starts_with(text: Json, start: Json) -> Value:
    """Tells whether a text starts with another; false for anything but text.

    `$starts_with(model, "claude-")`
    """
    return isinstance(text, str) and isinstance(start, str) and text.startswith(start)


@helper(returns=always("boolean"), kinds=Kind.BOOLEAN)
def ends_with(text: Json, end: Json) -> Value:
    """Tells whether a text ends with another; false for anything but text.

    `$ends_with(model, ":latest")`
    """
    return isinstance(text, str) and isinstance(end, str) and text.endswith(end)


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def short_hash(text: Json, max_length: Json) -> Value:
    """Gives a text that is short enough as it is, else the first characters of its SHA-256 in hexadecimal.

    `$short_hash("a long id …", 8)` is the same eight characters every time
    """
    if not isinstance(text, str) or not isinstance(max_length, int):
        return MISSING
    if len(text) <= max_length:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:max_length]
