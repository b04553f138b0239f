"""How one encoded event is framed; known when code is generated, so that the frame becomes part of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Framing:
    """A stream format: `sse`, `ndjson` or `json_array`; `event_name` is the field that names SSE events."""

    kind: str
    event_name: str | None = None

    def around(self, name: str | None) -> tuple[bytes, bytes] | None:
        """Bytes before and after an event; None when its name must be known but is not."""
        match self.kind:
            case "sse" if self.event_name is None:
                return b"data: ", b"\n\n"
            case "sse":
                return None if name is None else (b"event: %b\ndata: " % name.encode(), b"\n\n")
            case "ndjson":
                return b"", b"\n"
            case _:
                return b"", b""
