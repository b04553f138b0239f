"""The direct path: client and provider speak the same protocol, so bytes go through as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from orjson import JSONDecodeError, loads

from ccproxy.pipeline.answer import is_stream_type
from ccproxy.pipeline.boundary import Boundary
from ccproxy.pipeline.excerpt import beginning, events_with
from ccproxy.pipeline.wording import error_event, stream_event
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.engine_port import Engine, Exchange, Stream
    from ccproxy.pipeline.plan import Plan

ERROR_WITHIN_BYTES: Final = 4096
# Set anew for the connection to the client, or true only between the upstream and this proxy.
NOT_PASSED_ON: Final = frozenset(
    {
        "alt-svc",
        "connection",
        "content-encoding",
        "content-length",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "server",
        "set-cookie",
        "strict-transport-security",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-request-id",
    }
)


class DirectAnswer:
    """Passes an answer on, byte for byte, in whole events."""

    __slots__ = (
        "_asks",
        "_boundary",
        "_end_mark",
        "_engine",
        "_framing",
        "_holds",
        "_kept",
        "_marks",
        "_plan",
        "_scout",
        "_whole",
        "finished",
    )

    def __init__(self, engine: Engine, plan: Plan, asks_for_stream: Callable[[], bool]) -> None:
        self._engine = engine
        self._plan = plan
        self._asks = asks_for_stream
        self._framing = plan.source.stream.framing
        self._boundary = Boundary(self._framing)
        self._end_mark = (plan.source.stream.end or "").encode()
        self._holds = False
        self._scout: Stream | None = None  # reads along until content begins
        self._marks = plan.source.stream.usage_marks
        self._kept: list[bytes] = []  # events that tell of usage
        self._whole = b""
        self.finished = False

    @property
    def has_content(self) -> bool:
        """Whether the stream has more than a beginning."""
        return not self._holds or (self._scout is not None and self._scout.started)

    @property
    def error(self) -> JsonObject | None:
        """The error that ended a stream before its content."""
        return self._scout.error if self._scout is not None else None

    @property
    def goes_on(self) -> bool:
        """Never: only converted answers are looked into."""
        return False

    @property
    def malformed(self) -> str:
        """Nothing: what is passed on is not read."""
        return ""

    def again(self) -> tuple[bytes, Answer]:
        """Never."""
        raise NotImplementedError

    def hold_beginning(self) -> None:
        """Read a stream along, with the conversion of this protocol, until its content begins."""
        self._holds = True

    def refusal_in(self, body: bytes) -> JsonObject | None:
        """Return the error that a whole answer holds in truth; only what looks like one is looked into."""
        return self._reader().refusal(body) if b'"error"' in body[:ERROR_WITHIN_BYTES] else None

    def usage(self) -> JsonObject:
        """Return the tokens that the answer tells, read from the events that speak of them."""
        if self._whole:
            return self._reader().usage_in(self._whole)
        if not self._kept:
            return {}
        reading = self._reader().stream()
        for kept in self._kept:
            reading.feed(kept)
        return reading.usage

    def _reader(self) -> Exchange:
        source = self._plan.source.name
        return self._engine.answering(source, source, None)

    def asks_for_stream(self) -> bool:
        """Whether the client asked for a stream; parses the body, so ask only when it matters."""
        return self._asks()

    def comes_in_pieces(self, _status: int, content_type: str) -> bool:
        """Whether the upstream streams."""
        return is_stream_type(content_type)

    def stream_head(self, headers: Mapping[str, str]) -> bytes:
        """Return the upstream's own header lines; before it answered, those of its protocol."""
        return self._plan.head + passed_on(headers) if headers else self._plan.stream_head

    def feed(self, chunk: bytes) -> bytes:
        """Return whole events."""
        events = self._boundary.feed(chunk)
        if self._holds:
            self._read_along(chunk)
        if self._marks:
            self._kept += events_with(self._marks, events, self._framing)
            del self._kept[1:-1]  # the first tells of the request, the last of the answer
        return events

    def _read_along(self, chunk: bytes) -> None:
        if self._scout is None:
            self._scout = self._reader().stream()
        while chunk and self._holds and not self._scout.finished:
            end = beginning(chunk, self._framing)
            self._scout.feed(chunk[:end])
            self._holds = not self._scout.started
            chunk = chunk[end:]

    def close(self) -> bytes:
        """Return the last event where only its end is missing; raise when it broke off in the middle."""
        rest = self._boundary.rest()
        if rest and not self._is_event(rest):
            name = self._plan.endpoint.provider.name
            raise ProxyError("upstream", 502, f"The provider `{name}` ended its stream in the middle of an event.")
        return rest

    def _is_event(self, rest: bytes) -> bool:
        line = rest.rstrip().rpartition(b"\n")[2].strip()
        payload = line.removeprefix(b"data:").strip()
        if line.startswith(b":") or payload in (b"", self._end_mark):
            return True
        try:
            loads(payload)
        except JSONDecodeError:
            return False
        return True

    def ping(self) -> bytes:
        """Return the protocol's keep-alive, unless the client has half an event."""
        return self._plan.source.stream.keep_alive.encode() if self._boundary.is_between_events else b""

    def fail(self, error: JsonObject) -> bytes:
        """Return the protocol's error event; half an event is withheld."""
        self._boundary.rest()
        return error_event(self._engine, self._plan.source, error)

    def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, bytes]:
        """Return the answer as it is."""
        self._whole = body if status < 300 else b""
        return status, self._plan.head + passed_on(headers), body

    def late(self, status: int, body: bytes) -> bytes:
        """Return an upstream's own error as the stream's end; a whole answer cannot be cut into events here."""
        try:
            parsed = loads(body)
        except JSONDecodeError:
            parsed = None
        if status >= 400 and isinstance(parsed, dict):
            return stream_event(self._plan.source, parsed)
        name = self._plan.endpoint.provider.name
        said = f"The provider `{name}` answered {status} without a stream."
        return self.fail({"kind": "upstream", "status": 502, "message": said})


def passed_on(headers: Mapping[str, str]) -> bytes:
    """Return the header lines that a client of the same protocol should see."""
    lines = [f"{name}: {value}\r\n" for name, value in headers.items() if name not in NOT_PASSED_ON]
    return "".join(lines).encode("utf-8", "surrogateescape")
