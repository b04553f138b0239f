"""The reader for each framing that a protocol may declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from ccproxy.wire.jsonarray import JsonArrayReader
from ccproxy.wire.limits import MAX_EVENT_BYTES
from ccproxy.wire.ndjson import NdjsonReader
from ccproxy.wire.sse import SseReader


class Reader(Protocol):
    """Bytes in, one JSON document (or end marker) per event out."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the documents that `chunk` completes."""

    def close(self) -> list[bytes]:
        """Return what is left at the end of the stream."""


_BOM: Final = b"\xef\xbb\xbf"

READERS: Final[Mapping[str, Callable[[int], Reader]]] = {
    "sse": SseReader,
    "ndjson": NdjsonReader,
    "json_array": JsonArrayReader,
}


class EitherReader:
    """Reads a stream in one of two framings: an array when that is how it begins."""

    __slots__ = ("_limit", "_reader", "_usual")

    def __init__(self, usual: str, limit: int = MAX_EVENT_BYTES) -> None:
        self._usual = usual
        self._limit = limit
        self._reader: Reader | None = None

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the documents that `chunk` completes."""
        if self._reader is None:
            start = chunk.removeprefix(_BOM).lstrip()
            if not start:
                return []
            self._reader = READERS["json_array" if start.startswith(b"[") else self._usual](self._limit)
        return self._reader.feed(chunk)

    def close(self) -> list[bytes]:
        """Return what is left at the end of the stream."""
        return [] if self._reader is None else self._reader.close()


def reader_for(framing: str, limit: int = MAX_EVENT_BYTES) -> Reader:
    """Return a fresh reader for a framing's name."""
    return READERS[framing](limit)
