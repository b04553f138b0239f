"""Helpers on Base64."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

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


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def text_to_base64(text: Json) -> Value:
    """Writes a text as standard Base64 of its UTF-8 bytes; nothing for anything but text.

    `$text_to_base64("é")` is `"w6k="`
    """
    if not isinstance(text, str):
        return MISSING
    return b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def text_of_base64(text: Json) -> Value:
    """Reads the text that is in Base64 of either alphabet; nothing when it is none.

    `$text_of_base64("w6k=")` is `"é"`
    """
    plain = base64_standard(text)
    if not isinstance(plain, str):
        return MISSING
    try:
        return b64decode(plain).decode()
    except (binascii.Error, UnicodeDecodeError):
        return MISSING


@helper(returns=always("array"), kinds=Kind.ARRAY | Kind.MISSING)
def bytes_of_text(text: Json) -> Value:
    """Gives the UTF-8 bytes of a text as numbers; nothing for anything but text.

    `$bytes_of_text("é")` is `[195, 169]`
    """
    return list(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else MISSING
