"""Server-sent events: bytes in, the data of each event out.

Field names other than `data` carry nothing here: an event's kind is in its JSON, and some upstreams put `data:` before
`event:`, so line order must not matter. Events may be cut at any byte and lines may end in LF, CRLF or CR.
"""

from __future__ import annotations

from ccproxy.wire.limits import MAX_EVENT_BYTES, EventTooLargeError
from ccproxy.wire.text import BYTE_ORDER_MARK, valid_utf8


class SseReader:
    """Split a stream into the data of its events."""

    __slots__ = ("_after_cr", "_held", "_held_size", "_limit", "_started")

    def __init__(self, limit: int = MAX_EVENT_BYTES) -> None:
        self._limit = limit
        self._held: list[bytes] = []
        self._held_size = 0
        self._after_cr = False
        self._started = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of each event that `chunk` completes."""
        if self._started and not self._held and not self._after_cr:
            payload = whole_event(chunk)
            if payload:
                return [payload]
        if self._after_cr or b"\r" in chunk:
            chunk = self._with_plain_newlines(chunk)
        if b"\n" not in chunk or not self._started:
            return self._begin(chunk)
        if self._held:
            self._held.append(chunk)
            chunk = b"".join(self._held)
        return self._take(chunk)

    def close(self) -> list[bytes]:
        """Return the data of a last event that no blank line ended."""
        rest = b"".join(self._held)
        self._held, self._held_size = [], 0
        if not self._started and rest.startswith(BYTE_ORDER_MARK):
            rest = rest[len(BYTE_ORDER_MARK) :]
        payload = event_data(valid_utf8(rest))
        return [payload] if payload else []

    def _take(self, text: bytes) -> list[bytes]:
        end = text.rfind(b"\n\n")
        if end < 0:
            self._hold(text)
            return []
        rest = text[end + 2 :]
        self._held = [rest] if rest else []
        self._held_size = len(rest)
        return events_data(valid_utf8(text[:end]))

    def _hold(self, text: bytes) -> None:
        self._held = [text]
        self._held_size = len(text)
        if self._held_size > self._limit:
            raise EventTooLargeError(self._limit)

    def _begin(self, chunk: bytes) -> list[bytes]:
        """Keep a chunk that completes nothing; at the very start, drop a byte order mark."""
        self._held.append(chunk)
        self._held_size += len(chunk)
        if self._started:
            if self._held_size > self._limit:
                raise EventTooLargeError(self._limit)
            return []
        text = b"".join(self._held)
        if len(text) < len(BYTE_ORDER_MARK) and BYTE_ORDER_MARK.startswith(text):
            return []
        self._started = True
        return self._take(text.removeprefix(BYTE_ORDER_MARK))

    def _with_plain_newlines(self, chunk: bytes) -> bytes:
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if chunk:
            self._after_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def whole_event(chunk: bytes) -> bytes:
    """Return the data of a chunk that is one event of the usual form, as upstreams mostly send them; else b""."""
    if chunk[-2:] != b"\n\n" or b"\r" in chunk or not chunk.isascii():
        return b""
    lines = chunk.count(b"\n")
    if lines == 2 and chunk[:6] == b"data: ":
        return chunk[6:-2]
    if lines == 3 and chunk[:7] == b"event: ":
        start = chunk.find(b"\ndata: ") + 7
        return chunk[start:-2] if start > 7 else b""
    return b""


def events_data(text: bytes) -> list[bytes]:
    """Return the data of whole events, given without their last blank line."""
    payloads = _lone_data_lines(text) if text.startswith(b"data: ") else _named_data_lines(text)
    if payloads is None:
        payloads = [event_data(block) for block in text.split(b"\n\n")]
    return [payload for payload in payloads if payload] if b"" in payloads else payloads


def _lone_data_lines(text: bytes) -> list[bytes] | None:
    """Return the data when each event is one `data: ` line, as most upstreams send them."""
    payloads = text[6:].split(b"\n\ndata: ")
    return payloads if text.count(b"\n") == 2 * len(payloads) - 2 else None


def _named_data_lines(text: bytes) -> list[bytes] | None:
    """Return the data when each event is an `event: ` line and a `data: ` line."""
    lines = text.split(b"\n")
    names = b"\n" + b"\n".join(lines[0::3])
    payloads = (b"\n" + b"\n".join(lines[1::3])).split(b"\ndata: ")
    count = len(payloads) - 1
    if len(lines) != 3 * count - 1 or names.count(b"\nevent: ") != count or any(lines[2::3]):
        return None
    return payloads[1:]


def event_data(block: bytes) -> bytes:
    """Return the data of one event's lines, b"" when it has none."""
    head, mark, payload = block.partition(b"data: ")
    if mark and b"\n" not in payload and (not head or _is_one_field(head)):
        return payload
    return b"\n".join(_data_lines(block)) if b"data" in block else b""


def _is_one_field(head: bytes) -> bool:
    """Whether the text before `data: ` is one whole line of another field."""
    return head.find(b"\n") == len(head) - 1 and not head.startswith(b"data")


def _data_lines(block: bytes) -> list[bytes]:
    lines = []
    for line in block.split(b"\n"):
        if line.startswith(b"data:"):
            value = line[5:]
            lines.append(value[1:] if value.startswith(b" ") else value)
        elif line == b"data":
            lines.append(b"")
    return lines
