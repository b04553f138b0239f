"""How large one event may grow before the stream is given up."""

from __future__ import annotations

from typing import Final

MAX_EVENT_BYTES: Final = 64 * 1024 * 1024


class EventTooLargeError(Exception):
    """One event of a stream is larger than the reader was told to hold."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"one event of the stream is larger than {limit_bytes} bytes")
        self.limit_bytes = limit_bytes
