"""JSON values to the bytes of a stream, one writer for each framing that a protocol may declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from orjson import dumps

from ccproxy.jsontypes import JsonObject


class Writer(Protocol):
    """Events in, wire bytes out."""

    def encode(self, event: JsonObject) -> bytes:
        """Return the bytes of one event."""

    def end(self) -> bytes:
        """Return the bytes that end the stream."""


class SseWriter:
    """`data:` lines, with an `event:` line before each when a field names the event."""

    __slots__ = ("_end", "_heads", "encode")

    def __init__(self, event_name: str | None = None, end: str | None = None) -> None:
        self._end = b"" if end is None else b"data: %b\n\n" % end.encode()
        self._heads: dict[str, bytes] = {}
        self.encode: Callable[[JsonObject], bytes] = encode_sse if event_name is None else self._named(event_name)

    def end(self) -> bytes:
        """Return the end marker as an event."""
        return self._end

    def _named(self, field: str) -> Callable[[JsonObject], bytes]:
        heads = self._heads

        def encode_named(event: JsonObject) -> bytes:
            name = event.get(field)
            if not isinstance(name, str):
                return encode_sse(event)
            head = heads.get(name)
            if head is None:
                head = heads[name] = b"event: %b\ndata: " % name.replace("\n", " ").encode()
            return head + dumps(event) + b"\n\n"

        return encode_named


class NdjsonWriter:
    """One document per line."""

    __slots__ = ()

    def encode(self, event: JsonObject) -> bytes:
        """Return the event as a line."""
        return dumps(event) + b"\n"

    def end(self) -> bytes:
        """Return nothing: the last line ends the stream."""
        return b""


class JsonArrayWriter:
    """One array, whose elements are the events."""

    __slots__ = ("_started",)

    def __init__(self) -> None:
        self._started = False

    def encode(self, event: JsonObject) -> bytes:
        """Return the event as the array's next element."""
        head = b",\r\n" if self._started else b"["
        self._started = True
        return head + dumps(event)

    def end(self) -> bytes:
        """Close the array."""
        return b"\n]\n" if self._started else b"[]"


def encode_sse(event: JsonObject) -> bytes:
    """Return one event as a single `data:` line."""
    return b"data: " + dumps(event) + b"\n\n"


WRITERS: Final[Mapping[str, Callable[[str | None, str | None], Writer]]] = {
    "sse": SseWriter,
    "ndjson": lambda _name, _end: NdjsonWriter(),
    "json_array": lambda _name, _end: JsonArrayWriter(),
}


def writer_for(framing: str, event_name: str | None = None, end: str | None = None) -> Writer:
    """Return a fresh writer for a framing's name."""
    return WRITERS[framing](event_name, end)
