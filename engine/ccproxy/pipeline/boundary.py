"""Cut forwarded streams only between events, so that a ping or an error never lands inside one.

This costs nothing while reads end at events, as they nearly always do.
"""

from __future__ import annotations

from typing import Final

LONGEST_HELD_BYTES: Final = 1 << 20
_ENDS: Final = {"sse": (b"\n\n", b"\r\n\r\n", b"\r\r"), "ndjson": (b"\n",)}


class Boundary:
    """State: the beginning of an event whose end has not come yet."""

    __slots__ = ("_ends", "_held", "_open")

    def __init__(self, framing: str) -> None:
        self._ends = _ENDS.get(framing, ())
        self._held = b""
        self._open = not self._ends

    @property
    def is_between_events(self) -> bool:
        """Whether the client has received whole events only."""
        return not self._open

    def feed(self, chunk: bytes) -> bytes:
        """Return whole events."""
        if self._held:
            chunk = self._held + chunk
            self._held = b""
        if not self._ends or chunk.endswith(self._ends):
            self._open = not self._ends
            return chunk
        cut = max(end + len(mark) if (end := chunk.rfind(mark)) >= 0 else 0 for mark in self._ends)
        if not cut and (self._open or len(chunk) > LONGEST_HELD_BYTES):
            self._open = True
            return chunk
        self._open = False
        self._held = chunk[cut:]
        return chunk[:cut]

    def rest(self) -> bytes:
        """Return what has no end, at the end of the stream."""
        rest, self._held = self._held, b""
        return rest
