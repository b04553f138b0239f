"""Valid UTF-8 and JSON out of whatever somebody sent."""

from __future__ import annotations

import re
from typing import Final

from orjson import JSONDecodeError, loads

from ccproxy.jsontypes import Json

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


# An escape of a JSON text; groups: half a pair of surrogates without its other half.
_ESCAPE: Final = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)


def whole_characters(json_text: bytes) -> bytes:
    """Return a JSON text with U+FFFD for each half of a character, which programs leave that cut texts anywhere."""
    return _ESCAPE.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], json_text)


def read_json(document: bytes) -> Json:
    """Parse a document, also one with halves of characters; raises JSONDecodeError."""
    try:
        parsed: Json = loads(document)
    except JSONDecodeError as error:
        if "surrogate" not in str(error):
            raise
        parsed = loads(whole_characters(document))
    return parsed


def valid_utf8(text: bytes) -> bytes:
    """Return `text` itself when it is UTF-8, else with U+FFFD for each broken piece."""
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text
