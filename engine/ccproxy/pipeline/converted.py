"""The converted path: the engine turns the upstream's protocol into the client's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from orjson import JSONDecodeError, dumps

from ccproxy.pipeline.answer import is_stream_type
from ccproxy.pipeline.reply import header_line
from ccproxy.pipeline.wording import JSON_HEAD, stream_event
from ccproxy.routing.failures import ProxyError
from ccproxy.wire.text import read_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.engine_port import Exchange, Stream
    from ccproxy.pipeline.plan import Plan

LONGEST_LOSS_REPORT: Final = 1000
# Upstream headers that mean the same in every protocol.
_PASSED_ON: Final = ("retry-after",)


class ConvertedAnswer:
    """Converts an answer with the exchange that converted its request."""

    __slots__ = ("_exchange", "_plan", "_stream", "_wants_stream", "_worded")

    def __init__(
        self, exchange: Exchange, plan: Plan, wants_stream: bool, worded: Callable[[JsonObject], bytes]
    ) -> None:
        """`worded` makes the bytes of a request from its body, for the case that the model is asked again."""
        self._worded = worded
        self._exchange = exchange
        self._plan = plan
        self._wants_stream = wants_stream
        self._stream: Stream | None = None

    @property
    def stream(self) -> Stream:
        """The conversion of a streamed answer, begun on first use."""
        if self._stream is None:
            self._stream = self._exchange.stream(self._plan.source.stream.framing)
        return self._stream

    @property
    def finished(self) -> bool:
        """Whether the client's stream is complete."""
        return self.stream.finished

    @property
    def has_content(self) -> bool:
        """Whether the client's stream has begun, which it does with its content."""
        return self.stream.started

    @property
    def error(self) -> JsonObject | None:
        """The unified error that ended the stream."""
        return self._stream.error if self._stream is not None else None

    @property
    def goes_on(self) -> bool:
        """Never: one answer is all."""
        return False

    @property
    def malformed(self) -> str:
        """Why a tool call in the answer's text was not understood."""
        return self._exchange.malformed

    def again(self) -> tuple[bytes, Answer]:
        """Ask once more, telling the model what was wrong."""
        self._exchange.ask_again()
        request = self._worded(self._exchange.upstream_request)
        return request, ConvertedAnswer(self._exchange, self._plan, self._wants_stream, self._worded)

    def hold_beginning(self) -> None:
        """Do nothing: conversions tell by themselves."""

    def refusal_in(self, _body: bytes) -> JsonObject | None:
        """Return nothing: the conversion of an error in disguise raises it."""
        return None

    def usage(self) -> JsonObject:
        """Return the tokens of the whole or streamed answer."""
        return self._stream.usage if self._stream is not None else self._exchange.usage

    def asks_for_stream(self) -> bool:
        """Whether the client asked for a stream."""
        return self._wants_stream

    def comes_in_pieces(self, status: int, content_type: str) -> bool:
        """Whether client and upstream both stream."""
        return self._wants_stream and status < 300 and self._is_streamed(content_type)

    def stream_head(self, headers: Mapping[str, str]) -> bytes:
        """Return the header lines of the client's protocol."""
        return self._plan.stream_head + self._told(headers)

    def feed(self, chunk: bytes) -> bytes:
        """Convert a piece."""
        return self.stream.feed(chunk)

    def close(self) -> bytes:
        """End the client's stream."""
        return self.stream.close()

    def ping(self) -> bytes:
        """Return the engine's keep-alive."""
        return self.stream.ping()

    def fail(self, error: JsonObject) -> bytes:
        """End the client's stream with an error."""
        return self.stream.fail(error)

    def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, bytes]:
        """Convert an answer in one piece, whatever the client asked for."""
        if status >= 300:
            client_status, error = self._exchange.error(*refusal(status, body))
            return client_status, self._json_head(headers), dumps(error)
        streamed = is_stream_type(headers.get("content-type", ""))
        if self._wants_stream:
            return 200, self.stream_head(headers), self._as_stream(body, streamed)
        answer = self._as_one(body, streamed)
        return 200, self._json_head(headers), answer

    def late(self, status: int, body: bytes) -> bytes:
        """Return an answer in one piece as the rest of a stream that began with pings."""
        if status >= 300:
            return stream_event(self._plan.source, self._exchange.error(*refusal(status, body))[1])
        return self._as_stream(body, streamed=False)

    def _as_stream(self, body: bytes, streamed: bool) -> bytes:
        if streamed:
            return self.stream.feed(body) + self.stream.close()
        return self._exchange.pieces(self._parsed(body), self._plan.source.stream.framing)

    def _as_one(self, body: bytes, streamed: bool) -> bytes:
        return dumps(self._exchange.whole(body) if streamed else self._exchange.response(self._parsed(body)))

    def _is_streamed(self, content_type: str) -> bool:
        """Whether the upstream streams; a content type that says nothing is believed to be what was asked for."""
        if is_stream_type(content_type):
            return True
        return "json" not in content_type or self._plan.target.stream.framing == "json_array"

    def _parsed(self, body: bytes) -> JsonObject:
        parsed = _parse(body)
        if isinstance(parsed, dict):
            return parsed
        name = self._plan.endpoint.provider.name
        raise ProxyError("upstream", 502, f"The provider `{name}` answered with something other than a JSON object.")

    def _json_head(self, headers: Mapping[str, str]) -> bytes:
        return self._plan.head + self._told(headers) + JSON_HEAD

    def _lost(self) -> Sequence[str]:
        return self._exchange.dropped

    def _told(self, headers: Mapping[str, str]) -> bytes:
        lines = [header_line(name, headers[name]) for name in _PASSED_ON if name in headers]
        if dropped := self._lost():
            lines.append(header_line("x-ccproxy-dropped", ", ".join(dropped)[:LONGEST_LOSS_REPORT]))
        return b"".join(lines)


def refusal(status: int, body: bytes) -> tuple[int, Json]:
    """Return an error answer as JSON or text; a redirect is an error of the provider's address."""
    parsed = _parse(body)
    told = parsed if parsed is not None else body[:2000].decode("utf-8", "replace")
    return (status, told) if status >= 400 else (502, f"the provider answered with a redirect ({status})")


def _parse(body: bytes) -> Json:
    try:
        parsed = read_json(body)
    except JSONDecodeError:
        return None
    return parsed
