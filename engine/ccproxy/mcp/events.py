"""Recent messages of each session, so that a client whose connection broke gets what it missed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from mcp.server.streamable_http import EventMessage, EventStore

if TYPE_CHECKING:
    from mcp.server.streamable_http import EventCallback
    from mcp_types import JSONRPCMessage

MOST_EVENTS: Final = 256


class RecentEvents(EventStore):
    """State: the last messages of one session."""

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self._events: deque[tuple[int, str, JSONRPCMessage | None]] = deque(maxlen=most)
        self._count = 0

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        """Keep a message and return its id."""
        self._count += 1
        self._events.append((self._count, stream_id, message))
        return f"{self._count}-{stream_id}"

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        """Send what came after an event on its stream; return the stream."""
        number, _, stream_id = last_event_id.partition("-")
        if not number.isdecimal() or not stream_id:
            return None
        for count, stream, message in list(self._events):
            if count > int(number) and stream == stream_id and message is not None:
                await send_callback(EventMessage(message, f"{count}-{stream}"))
        return stream_id
