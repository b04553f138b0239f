"""Valid UTF-8 out of whatever an upstream sent."""

from __future__ import annotations

from typing import Final

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def valid_utf8(text: bytes) -> bytes:
    """Return `text` itself when it is UTF-8, else with U+FFFD for each broken piece."""
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text
