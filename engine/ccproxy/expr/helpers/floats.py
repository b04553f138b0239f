"""Helpers on vectors in the form that travels as Base64: 32-bit floats, least byte first."""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode, b64encode

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.encoding import base64_standard
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

_BYTES = 4


@helper(returns=always("array"), kinds=Kind.ARRAY | Kind.MISSING)
def floats_of_base64(text: Json) -> Value:
    """Reads a vector of 32-bit floats; nothing for anything else.

    `$floats_of_base64("AACAPwAAAMA=")` is `[1, -2]`
    """
    plain = base64_standard(text)
    if not isinstance(plain, str):
        return MISSING
    try:
        packed = b64decode(plain)
    except binascii.Error:
        return MISSING
    return list(struct.unpack(f"<{len(packed) // _BYTES}f", packed)) if len(packed) % _BYTES == 0 else MISSING


@helper(returns=always("string"), kinds=Kind.STRING | Kind.MISSING)
def floats_to_base64(numbers: Json) -> Value:
    """Writes a vector as 32-bit floats; nothing for anything but numbers.

    `$floats_to_base64([1, -2])` is `"AACAPwAAAMA="`
    """
    if not isinstance(numbers, list):
        return MISSING
    values = [number for number in numbers if isinstance(number, int | float)]
    if len(values) != len(numbers):
        return MISSING
    return b64encode(struct.pack(f"<{len(values)}f", *values)).decode("ascii")
