"""Helpers on Base64."""

from __future__ import annotations

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

_URL_SAFE = str.maketrans("-_", "+/", "\r\n\t =")


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def base64_standard(text: Json) -> Value:
    """Gives Base64 in its standard alphabet, padded and without line breaks; takes the URL-safe alphabet too.

    `$base64_standard("_-8")` is `"/+8="`
    """
    if not isinstance(text, str):
        return MISSING
    plain = text.translate(_URL_SAFE)
    return plain + "=" * (-len(plain) % 4)
