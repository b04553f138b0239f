"""Newline-delimited JSON: bytes in, one document per line out."""

from __future__ import annotations

from ccproxy.wire.limits import MAX_EVENT_BYTES, EventTooLargeError
from ccproxy.wire.text import BYTE_ORDER_MARK, valid_utf8


class NdjsonReader:
    """Split a stream into its lines; blank lines carry nothing."""

    __slots__ = ("_held", "_held_size", "_limit", "_started")

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._held: list[bytes] = []
        self._held_size = 0
        self._started = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the documents that `chunk` completes."""
        if b"\n" not in chunk and b"\r" not in chunk:
            self._hold(chunk)
            return []
        text = b"".join(self._held) + chunk if self._held else chunk
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        self._held, self._held_size = [], 0
        if end < len(text):
            self._hold(text[end:])
        return self._documents(text[:end])

    def close(self) -> list[bytes]:
        """Return a last document that no line end followed."""
        rest = b"".join(self._held)
        self._held, self._held_size = [], 0
        return self._documents(rest)

    def _hold(self, chunk: bytes) -> None:
        self._held.append(chunk)
        self._held_size += len(chunk)
        if self._held_size > self._limit:
            raise EventTooLargeError(self._limit)

    def _documents(self, text: bytes) -> list[bytes]:
        if not self._started:
            self._started = True
            text = text.removeprefix(BYTE_ORDER_MARK)
        # bytes.splitlines breaks at LF, CRLF and CR only, and none of them occurs raw inside a JSON string.
        return [line for line in valid_utf8(text).splitlines() if line and not line.isspace()]
