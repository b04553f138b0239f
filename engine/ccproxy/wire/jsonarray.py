"""A JSON array sent in pieces: bytes in, the objects of the array out.

Such streams come pretty-printed and cut anywhere, with `[` and `,` on lines of their own.
"""

from __future__ import annotations

import re
from typing import Final

from ccproxy.wire.limits import MAX_EVENT_BYTES, EventTooLargeError
from ccproxy.wire.text import valid_utf8

_STRUCTURE: Final = re.compile(rb'["{}\[\]]')
_IN_STRING: Final = re.compile(rb'["\\]')


class JsonArrayReader:
    """Split an array into its objects; an object without an array around it counts as one element."""

    __slots__ = ("_depth", "_in_string", "_limit", "_position", "_start", "_text")

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._text = bytearray()
        self._position = 0
        self._start = -1
        self._depth = 0
        self._in_string = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the objects that `chunk` completes."""
        self._text += chunk
        payloads: list[bytes] = []
        while self._step(payloads):
            pass
        self._forget_what_is_done()
        if len(self._text) > self._limit:
            raise EventTooLargeError(self._limit)
        return payloads

    def close(self) -> list[bytes]:
        """Return nothing: an object without its closing brace is not an object."""
        self._text.clear()
        return []

    def _step(self, payloads: list[bytes]) -> bool:
        """Go past the next byte that changes the state; False when the text ends first."""
        hit = (_IN_STRING if self._in_string else _STRUCTURE).search(self._text, self._position)
        if hit is None:
            self._position = len(self._text)
            return False
        at, byte = hit.start(), hit.group()
        if byte == b"\\":
            return self._skip_escape(at)
        self._position = at + 1
        if byte == b'"':
            self._in_string = not self._in_string
        elif byte == b"{" or (byte == b"[" and self._depth):
            self._open(at)
        elif self._depth:
            self._shut(at, payloads)
        return True

    def _skip_escape(self, at: int) -> bool:
        if at + 1 == len(self._text):
            self._position = at
            return False
        self._position = at + 2
        return True

    def _open(self, at: int) -> None:
        if not self._depth:
            self._start = at
        self._depth += 1

    def _shut(self, at: int, payloads: list[bytes]) -> None:
        self._depth -= 1
        if not self._depth:
            payloads.append(valid_utf8(bytes(self._text[self._start : at + 1])))
            self._start = -1

    def _forget_what_is_done(self) -> None:
        done = self._start if self._start >= 0 else self._position
        if done:
            del self._text[:done]
            self._position -= done
            self._start = 0 if self._start >= 0 else -1
