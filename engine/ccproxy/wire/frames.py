"""Stateless encoding of stream events, and the frame that joins them.

The encoder is called once per event by generated code; the frame once per write.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

import orjson

from ccproxy.wire.writers import SseWriter

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json


class Frame(Protocol):
    """Joins encoded events into the bytes of a stream."""

    def join(self, events: list[bytes]) -> bytes:
        """Return the bytes of these events."""

    def end(self) -> bytes:
        """Return the bytes that end the stream."""


class PlainFrame:
    """Events follow each other; an end marker may close."""

    __slots__ = ("_end",)

    def __init__(self, end: bytes) -> None:
        self._end = end

    def join(self, events: list[bytes]) -> bytes:
        return events[0] if len(events) == 1 else b"".join(events)

    def end(self) -> bytes:
        return self._end


class ArrayFrame:
    """Events are the elements of one JSON array."""

    __slots__ = ("_started",)

    def __init__(self) -> None:
        self._started = False

    def join(self, events: list[bytes]) -> bytes:
        head = b",\r\n" if self._started else b"["
        self._started = True
        return head + b",\r\n".join(events)

    def end(self) -> bytes:
        return b"\n]\n" if self._started else b"[]"


def dump_json(value: Json) -> bytes:
    """Compact UTF-8 JSON; integers beyond 64 bits and lone surrogates survive."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()


def frame_for(framing: str, end: str | None) -> Frame:
    """Return a fresh frame for one stream."""
    if framing == "json_array":
        return ArrayFrame()
    return PlainFrame(b"" if end is None or framing != "sse" else b"data: %b\n\n" % end.encode())


def encoder_for(framing: str, event_name: str | None) -> Callable[[Json], object]:
    """Return the function that turns one event into bytes; no framing leaves it as it is."""
    if framing == "sse":
        return _sse_encoder(event_name)
    return ENCODERS[framing]


def _sse_encoder(event_name: str | None) -> Callable[[Json], object]:
    writer = SseWriter(event_name)

    def encode(event: Json) -> bytes:
        if not isinstance(event, dict):
            return b"data: %b\n\n" % dump_json(event)
        try:
            return writer.encode(event)
        except TypeError:
            name = event.get(event_name) if event_name else None
            head = b"event: %b\n" % name.encode() if isinstance(name, str) else b""
            return head + b"data: %b\n\n" % dump_json(event)

    return encode


ENCODERS: Final[dict[str, Callable[[Json], object]]] = {
    "": lambda event: event,
    "ndjson": lambda event: dump_json(event) + b"\n",
    "json_array": dump_json,
}
