"""Single events out of bytes that are passed on: what must be read of a stream is little of it."""

from __future__ import annotations

from typing import Final

_ENDS: Final = {"sse": (b"\n\n", b"\r\n\r\n"), "ndjson": (b"\n",)}
PIECE_BYTES: Final = 512


def events_with(marks: tuple[bytes, ...], chunk: bytes, framing: str) -> list[bytes]:
    """Return the first and the last event of a chunk that hold one of the marks; the whole chunk where none can be cut.

    A chunk holds whole events.
    """
    found: list[bytes] = []
    for mark in marks:
        first = chunk.find(mark)
        if first >= 0:
            found.append(_event_at(chunk, first, framing))
            last = chunk.rfind(mark)
            if last - first >= len(found[-1]):
                found.append(_event_at(chunk, last, framing))
            break
    return found


def beginning(chunk: bytes, framing: str) -> int:
    """Return where the first event or few of a chunk end."""
    for end in _ENDS.get(framing, ()):
        at = chunk.find(end, PIECE_BYTES)
        if at >= 0:
            return at + len(end)
    return len(chunk)


def _event_at(chunk: bytes, place: int, framing: str) -> bytes:
    for end in _ENDS.get(framing, ()):
        stop = chunk.find(end, place)
        if stop >= 0:
            start = chunk.rfind(end, 0, place)
            return chunk[start + len(end) if start >= 0 else 0 : stop + len(end)]
    return chunk
