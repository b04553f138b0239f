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


READERS: Final[Mapping[str, Callable[[int], Reader]]] = {
    "sse": SseReader,
    "ndjson": NdjsonReader,
    "json_array": JsonArrayReader,
}


def reader_for(framing: str, limit: int = MAX_EVENT_BYTES) -> Reader:
    """Return a fresh reader for a framing's name."""
    return READERS[framing](limit)
