"""One recorded exchange through an engine: the client's request again, the provider's answer as it was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qsl, urlsplit

from orjson import JSONDecodeError, loads

from ccproxy.compat.book import DialectBook
from ccproxy.conversion.backend import Backend
from ccproxy.conversion.errors import MappingFailure, RequestRejected, UpstreamError
from ccproxy.record.edits import edited
from ccproxy.record.session import Answered, Body
from ccproxy.wire.frames import dump_json
from ccproxy.wire.readers import reader_for

if TYPE_CHECKING:
    from ccproxy.compat.mode import CompatMode
    from ccproxy.conversion.engine import Engine
    from ccproxy.conversion.exchange import Exchange
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.record.session import Session, Try

    Answer = Callable[[], tuple[int, bytes]]

_STREAMS: Final = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/stream+json")
DIRECT: Final = "direct"
COMPAT: Final = "compat"
REPLAYED_WAYS: Final = (DIRECT, "converted")


def _ignore(_request: Json) -> None:
    """Nobody wants to hear of requests."""


class NotReplayableError(Exception):
    """Why mappings alone cannot play a session again."""


@dataclass(slots=True)
class Run:
    """What came of one run: for each try the two requests, then the client's answer, or why there is none."""

    unified: list[JsonObject | None] = field(default_factory=list)
    requests: list[Json] = field(default_factory=list)
    dropped: list[str] | None = None
    answer: Answered | None = None
    unanswered: str = ""
    failure: str = ""


def converse(session: Session, engine: Engine) -> Run:
    """Play a session; raise NotReplayableError when mappings alone cannot do it."""
    if not session.tries:
        raise NotReplayableError("no provider was asked")
    spoken = [session.asked.protocol, *(one.protocol for one in session.tries)]
    unknown = [name for name in spoken if name not in engine.protocols]
    if unknown:
        raise NotReplayableError(f"there is no protocol `{unknown[0]}`")
    if session.way not in REPLAYED_WAYS:
        raise NotReplayableError("its tools were called in text, which is not played")
    conversation = Conversation(session, engine)
    try:
        for one in session.tries:
            conversation.play(one)
    except MappingFailure as failure:
        conversation.run.failure = str(failure)
    return conversation.run


def events_of(protocol: Protocol, data: bytes) -> list[Json]:
    """Return the events of a client's stream without those that only keep it alive."""
    quiet = reader_for(protocol.stream.framing)
    pings = set(quiet.feed(protocol.stream.keep_alive.encode()) + quiet.close())
    reader = reader_for(protocol.stream.framing)
    payloads = reader.feed(data) + reader.close()
    return [_document(payload) for payload in payloads if payload not in pings]


def client_protocol(session: Session, engine: Engine) -> Protocol:
    """Return the client's protocol as this request asked for it."""
    return engine.protocols[session.asked.protocol].for_query(dict(parse_qsl(urlsplit(session.asked.path).query)))


class Conversation:
    """State of one session that is played. `tell` hears of each request before its answer is converted."""

    def __init__(self, session: Session, engine: Engine, tell: Callable[[Json], None] = _ignore) -> None:
        self._session = session
        self._engine = engine
        self._tell = tell
        self._source = client_protocol(session, engine)
        operation = self._source.operations.get(session.operation)
        if operation is None:
            raise NotReplayableError(f"{self._source.title} has no operation `{session.operation}`")
        body = _parsed(session.asked.body.data)
        if not isinstance(body, dict):
            raise NotReplayableError("the client's request is no JSON object")
        self._operation: Operation = operation
        self._sent = body
        self._body: JsonObject = {**operation.defaults, **body}
        self.run = Run()

    def play(self, one: Try) -> None:
        """Play one try; the last one has the client's answer."""
        answer: Answer | None = None
        try:
            if self._session.way == DIRECT:
                self._direct(one)
            else:
                answer = self._chat(one) if self._operation.is_chat else self._other(one)
        except RequestRejected as rejected:
            self._asked(None, {"refused": rejected.error})
            self.run.unanswered = "the request is refused"
        if answer is not None and one is self._session.tries[-1]:
            self._answer(one, answer)

    def _asked(self, unified: JsonObject | None, request: Json) -> None:
        self.run.unified.append(unified)
        self.run.requests.append(request)
        self._tell(request)

    def _direct(self, one: Try) -> None:
        request = self._sent
        if self._operation.is_chat:
            request = self._engine.direct_request(request, backend_of(one), one.quirks) or request
        pointer = self._operation.model.body if self._operation.model else None
        if pointer is not None:
            request = {**request, pointer[1:]: one.model}
        self._asked(None, edited(request, one.request_edits))
        self.run.unanswered = "it goes to the client as it came"

    def _chat(self, one: Try) -> Answer:
        stream = self._operation.stream
        exchange = self._engine.open(
            self._source.name,
            one.protocol,
            self._body,
            model=one.model,
            stream=self._session.stream if stream is not None and stream.path is not None else None,
            backend=backend_of(one),
            quirks=one.quirks,
            response_model=self._session.asked_model,
            request_id=self._session.id,
            edit=_edit(one.unified_edits),
            compat=self._text_calls(one),
        )
        self._asked(exchange.unified, edited(exchange.upstream_request, one.request_edits))
        self.run.dropped = exchange.dropped
        return lambda: self._chat_answer(one, exchange)

    def _text_calls(self, one: Try) -> CompatMode | None:
        """How the model was shown tools, where that was in text; its answer stands as it was recorded."""
        if self._session.way != COMPAT:
            return None
        return DialectBook(self._engine.dialects).mode(one.model, retry=False)

    def _chat_answer(self, one: Try, exchange: Exchange) -> tuple[int, bytes]:
        body = one.answer.body or Body(b"")
        if one.answer.status >= 300:
            return _worded(exchange.error(*_refusal(one.answer.status, body.data)))
        kind = one.answer.headers.get("content-type", "")
        framing = self._engine.protocols[one.protocol].stream.framing
        streamed = kind.startswith(_STREAMS)
        if self._session.stream and (streamed or "json" not in kind or framing == "json_array"):
            stream = exchange.stream(self._source.stream.framing)
            return 200, b"".join(stream.feed(chunk) for chunk in body.chunks()) + stream.close()
        if self._session.stream:
            return 200, exchange.pieces(_object(body.data), self._source.stream.framing)
        return 200, dump_json(exchange.whole(body.data) if streamed else exchange.response(_object(body.data)))

    def _other(self, one: Try) -> Answer:
        """Play an operation besides chat."""
        asked = self._engine.protocols[one.protocol].operations.get(self._operation.convert_as)
        speaks = asked.spoken_as if asked is not None and asked.spoken_as else one.protocol
        exchange = self._engine.operation(self._operation.convert_as, self._source.name, speaks, self._body, one.model)
        unified = exchange.unified_request(self._body)
        unified["model"] = one.model
        self._asked(unified, edited(exchange.upstream_request(unified), one.request_edits))

        def answer() -> tuple[int, bytes]:
            data = one.answer.body.data if one.answer.body else b""
            if one.answer.status >= 300:
                return _worded(exchange.error(*_refusal(one.answer.status, data)))
            return 200, dump_json(exchange.client_response(exchange.unified_response(_object(data))))

        return answer

    def _answer(self, one: Try, convert: Answer) -> None:
        session, run = self._session, self.run
        if not session.complete:
            run.unanswered = "the recording is not complete"
        elif one.answer.body is None:
            run.unanswered = "the provider gave none"
        elif session.stream and one.answer.status >= 300 > session.answered.status:
            run.unanswered = "it came after the client's stream had begun"
        else:
            try:
                status, data = convert()
            except UpstreamError as failure:
                told: JsonObject = {"request_id": session.id, **failure.error}
                status, data = _worded(self._engine.client_error(self._source.name, told))
            run.answer = Answered(status, session.answered.headers, Body(data))


def backend_of(one: Try) -> Backend:
    """Return what quirks know a try's provider by."""
    return Backend(one.protocol, one.model, one.provider, urlsplit(one.url).hostname or "")


def _worded(error: tuple[int, JsonObject]) -> tuple[int, bytes]:
    return error[0], dump_json(error[1])


def _edit(edits: Sequence[JsonObject]) -> Callable[[JsonObject], JsonObject] | None:
    return (lambda unified: cast("JsonObject", edited(unified, edits))) if edits else None


def _refusal(status: int, body: bytes) -> tuple[int, Json]:
    parsed = _parsed(body)
    told = parsed if parsed is not None else body[:2000].decode("utf-8", "replace")
    return (status, told) if status >= 400 else (502, f"the provider answered with a redirect ({status})")


def _object(data: bytes) -> JsonObject:
    parsed = _parsed(data)
    if not isinstance(parsed, dict):
        raise NotReplayableError("the provider's answer is no JSON object")
    return parsed


def _document(payload: bytes) -> Json:
    parsed = _parsed(payload)
    return parsed if parsed is not None else payload.decode("utf-8", "replace")


def _parsed(data: bytes) -> Json:
    try:
        value: Json = loads(data)
    except JSONDecodeError:
        try:
            value = json.loads(data)
        except ValueError:
            return None
    return value
