"""Helpers on points in time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

_FRACTION = re.compile(r"(\.\d{6})\d+")


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def iso_time(seconds: Json) -> Value:
    """Writes Unix seconds as an RFC 3339 time in UTC; nothing for anything but a number.

    `$iso_time(0)` is `"1970-01-01T00:00:00Z"`
    """
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return MISSING
    return _iso_time(seconds)


@lru_cache(maxsize=256)
def _iso_time(seconds: float) -> Value:
    """Every line of a stream says when its answer began."""
    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return MISSING
    return time.isoformat().replace("+00:00", "Z")


@helper(returns=always("integer"), kinds=Kind.NUMBER | Kind.MISSING)
def unix_time(text: Json) -> Value:
    """Reads an RFC 3339 time as whole Unix seconds; nothing when it is none.

    `$unix_time("1970-01-01T00:01:00.123456789Z")` is `60`
    """
    if not isinstance(text, str):
        return MISSING
    try:
        time = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        return MISSING
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
