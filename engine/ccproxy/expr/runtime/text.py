"""Values as text, the way `$string` and `&` write them."""

from __future__ import annotations

import json
from decimal import Context, Decimal, InvalidOperation

from ccproxy.expr.missing import MISSING, Value

_FIFTEEN_DIGITS = Context(prec=15)
_SURELY_SHORT = 10**15


def text_of(value: Value) -> str:
    """Return a string as it is, anything else as JSON, nothing as no text."""
    if isinstance(value, str):
        return value
    if value is MISSING:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return json.dumps(value, separators=(",", ":"))


def number_text(value: float) -> str:
    """Return a number with at most fifteen significant digits."""
    if isinstance(value, int) and -_SURELY_SHORT < value < _SURELY_SHORT:
        return str(value)
    exact = Decimal(value)
    try:
        whole = exact.quantize(Decimal(1), context=_FIFTEEN_DIGITS) if exact == exact.to_integral() else None
    except InvalidOperation:
        whole = None
    return str(exact.normalize(_FIFTEEN_DIGITS) if whole is None else whole).lower()


def string(value: Value) -> Value:
    """`$string`: nothing stays nothing."""
    return MISSING if value is MISSING else text_of(value)
