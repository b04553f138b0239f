"""One client request on its way to an upstream of another protocol, and the answer on its way back."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from orjson import JSONDecodeError

from ccproxy.conversion.client_streams import ClientStream
from ccproxy.conversion.errors import RequestRejected, UpstreamError
from ccproxy.conversion.streams import StreamCollector, StreamConversion, UpstreamReader
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.drops import loss_label
from ccproxy.mapping.keycase import camel_body
from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.fitted_answers import FittedSequencer
from ccproxy.unified.names import NO_NAMES, NameMap
from ccproxy.unified.normal_form import normalise_request
from ccproxy.unified.whole_answers import normalise_response, play_response
from ccproxy.wire.frames import frame_for
from ccproxy.wire.text import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.conversion.context import Context
    from ccproxy.conversion.dialect import Dialect
    from ccproxy.conversion.guard import Guard
    from ccproxy.conversion.quirks import QuirkChain
    from ccproxy.conversion.text_calls import TextCalls
    from ccproxy.jsontypes import Json
    from ccproxy.unified.answer_rules import AnswerRules
    from ccproxy.unified.whole_answers import MakeSequencer

    JsonObject = dict[str, Json]
    # Changes a unified request; may change what it is given.
    RequestEdit = Callable[[JsonObject], JsonObject]


class Exchange:
    """Converts one request and what comes back for it. `client` and `upstream` are the two dialects.

    `upstream_request` is the body to send; `dropped` names what the request lost; after that exactly one of
    `response`, `stream`, `pieces`, `whole` or `error` follows.
    """

    def __init__(
        self,
        client: Dialect,
        upstream: Dialect,
        context: Context,
        quirks: QuirkChain,
        guard: Guard,
        new_id: Callable[[str], str],
        response_model: str | None,
        text_calls: TextCalls | None = None,
    ) -> None:
        self.client = client
        self.upstream = upstream
        self.upstream_request: JsonObject = {}
        self.request_id: str | None = None  # told in errors
        self._context = context
        self._quirks = quirks
        self._guard = guard
        self._new_id = new_id
        self._response_model = response_model
        self._names: NameMap = NO_NAMES
        self._text_calls = text_calls

    @property
    def dropped(self) -> list[str]:
        """Names of what the request lost, each once: fields as paths, with `[]` for every item of a list."""
        return list(dict.fromkeys(loss_label(place) for place, _ in self._context.dropped))

    @property
    def losses(self) -> list[tuple[str, str]]:
        """What the request lost and why."""
        return list(dict.fromkeys((loss_label(place), reason) for place, reason in self._context.dropped))

    @property
    def unified(self) -> JsonObject:
        """The request in the unified format, as it was converted for the upstream."""
        return cast("JsonObject", self._context.unified)

    @property
    def usage(self) -> JsonObject:
        """Tokens of an answer that was converted in one piece."""
        answer = self._context.answer
        return cast("JsonObject", answer.get("usage") or {}) if isinstance(answer, dict) else {}

    # ---- the request ----------------------------------------------------------------------------

    def prepare(
        self,
        body: JsonObject,
        model: str | None,
        stream: bool | None,
        limit: RequestEdit | None = None,
        edit: RequestEdit | None = None,
    ) -> None:
        """Convert the client's request; `model` and `stream` replace what the body says."""
        body = self._in_one_case(body)
        self._refuse_malformed(body)
        unified = self._to_unified(body)
        if model is not None:
            unified["model"] = model
        if stream is not None:
            unified["stream"] = stream
        if limit is not None:
            unified = limit(unified)
        with self._guard:
            normal = self._normalise(unified)
            if self._text_calls is not None:
                normal = self._text_calls.request(normal)
            if edit is not None:
                normal = edit(normal)
            self._send(normal)

    def _send(self, normal: JsonObject) -> None:
        """Make the upstream's request of a unified one in normal form."""
        self._context.unified = normal
        upstream_request = self.upstream.transform("request_from_unified")(normal, self._context)
        self.upstream.report_drops("request", "from_unified", normal, self._context.dropped)
        self.upstream_request = self._quirks.request(cast("JsonObject", upstream_request), self._context)

    @property
    def malformed(self) -> str:
        """Why the calls in an answer's text were not understood, while the model may be asked again; else "".

        Known once a whole answer was converted; of a stream at any time before it is closed.
        """
        return self._text_calls.malformed if self._text_calls is not None else ""

    def ask_again(self) -> None:
        """Make `upstream_request` ask for the answer once more, and say what was wrong with it."""
        assert self._text_calls is not None
        with self._guard:
            self._send(self._text_calls.corrected(self.unified))

    def _in_one_case(self, body: JsonObject) -> JsonObject:
        """The body with field names in the one case that mappings know, where clients may use two."""
        keys = self.client.protocol.request_keys
        if keys is None:
            return body
        self._context.request = body = camel_body(body, keys.keep)
        return body

    def _refuse_malformed(self, body: JsonObject) -> None:
        validator = self.client.validator
        problem = validator.problem(body) if validator else None
        if problem is not None:
            raise RequestRejected(
                {"kind": "invalid_request", "status": 400, "message": problem.message, "param": problem.path}
            )

    def _to_unified(self, body: JsonObject) -> JsonObject:
        try:
            with self._guard:
                unified = self.client.transform("request_to_unified")(body, self._context)
                self.client.report_drops("request", "to_unified", body, self._context.dropped)
                # the normal form changes what it is given, which must not be the client's own body
                return cast("JsonObject", deepcopy(unified) if unified is body else unified)
        except Rejection as rejection:
            raise RequestRejected(rejection.error) from None

    def _normalise(self, unified: JsonObject) -> JsonObject:
        rules = self.upstream.rules
        normal = normalise_request(unified, self._text_calls.rules(rules) if self._text_calls is not None else rules)
        self._names = normal.names
        self._context.dropped.extend(normal.dropped)
        return normal.request

    # ---- the answer -----------------------------------------------------------------------------

    def response(self, body: JsonObject) -> JsonObject:
        """The client's answer for a whole upstream answer. Raises UpstreamError for an error in disguise."""
        return self.client_response(self.unified_response(body))

    def refusal(self, body: bytes) -> JsonObject | None:
        """The unified error that a whole answer holds in truth."""
        try:
            self.unified_response(cast("JsonObject", read_json(body)))
        except UpstreamError as error:
            return error.error
        except JSONDecodeError:
            pass
        return None

    def usage_in(self, body: bytes) -> JsonObject:
        """The tokens that a whole answer tells of; none where it cannot be read."""
        with suppress(JSONDecodeError, UpstreamError):
            return cast("JsonObject", self.unified_response(cast("JsonObject", read_json(body))).get("usage") or {})
        return {}

    def unified_response(self, body: JsonObject, answers: AnswerRules | None = None) -> JsonObject:
        try:
            with self._guard:
                changed = self._quirks.response(body, self._context)
                answer = self.upstream.transform("response_to_unified")(changed, self._context)
                return normalise_response(cast("JsonObject", answer), self._options(answers), self._make_sequencer())
        except Rejection as rejection:
            raise UpstreamError(rejection.error) from None

    def client_response(self, answer: JsonObject) -> JsonObject:
        with self._guard:
            self._context.answer = cast("Json", answer)
            return cast("JsonObject", self.client.transform("response_from_unified")(answer, self._context))

    def stream(self, framing: str | None = None) -> StreamConversion:
        """A converter of the upstream's stream into the client's; `framing` replaces the client's usual one."""
        return StreamConversion(
            self.client,
            self.upstream,
            self._context,
            self._quirks,
            self._guard,
            self._options(),
            framing or self.client.protocol.stream.framing,
            self._make_sequencer(at_once=True),
        )

    def reader(self, emit: Callable[[JsonObject], None], answers: AnswerRules) -> UpstreamReader:
        """A reader of the upstream's stream that tells its events instead of writing them."""
        told = self._options(answers), emit, None, self._make_sequencer(at_once=True)
        return UpstreamReader(self.upstream, self._context, self._quirks, self._guard, *told)

    def client_stream(self, framing: str) -> ClientStream:
        """The client's side of a stream alone, for more than one answer."""
        return ClientStream(self.client, self._context, self.said_options(), framing)

    def said_options(self) -> SequencerOptions:
        """What a sequencer has to know that is told of answers which were read already."""
        return replace(self._options(), names=NO_NAMES, think_tags=None)

    def _make_sequencer(self, *, at_once: bool = False) -> MakeSequencer:
        if self._text_calls is None:
            return FittedSequencer
        return partial(self._text_calls.sequencer, at_once=at_once)

    def pieces(self, body: JsonObject, framing: str | None = None) -> bytes:
        """A whole upstream answer as the stream that its client asked for. Raises UpstreamError."""
        answer = self.unified_response(body)
        self._context.answer = cast("Json", answer)
        kind = framing or self.client.protocol.stream.framing
        write, out = self.client.stream_function(kind), list[bytes]()
        frame = frame_for(kind, self.client.protocol.stream.end)
        with self._guard:
            emit = cast("Callable[[JsonObject], None]", partial(write, self._context, out))
            self._context.sequencer = FittedSequencer(emit, self._options())
            play_response(answer, self._context.sequencer)
            self._context.sequencer = None
        return frame.join(out) + frame.end()

    def whole(self, stream: bytes) -> JsonObject:
        """A complete upstream stream as the one answer that its client asked for. Raises UpstreamError."""
        return self.client_response(self.unified_whole(stream))

    def unified_whole(self, stream: bytes, answers: AnswerRules | None = None) -> JsonObject:
        made = self._options(answers), self._make_sequencer()
        collector = StreamCollector(self.upstream, self._context, self._quirks, self._guard, *made)
        collector.feed(stream)
        return collector.close()

    def error(self, status: int, body: Json) -> tuple[int, JsonObject]:
        """Status and body for the client, from an upstream's error."""
        return self.client.error(self.unified_error(status, body), self._context)

    def unified_error(self, status: int, body: Json) -> JsonObject:
        self._context.status = status
        with self._guard:
            error = self.upstream.transform("error_to_unified")(body, self._context)
        named: JsonObject = {"request_id": self.request_id} if self.request_id else {}
        return {
            "kind": "upstream",
            "message": f"the upstream answered {status}",
            "status": status,
            **named,
            **cast("JsonObject", error or {}),
        }

    def _options(self, answers: AnswerRules | None = None) -> SequencerOptions:
        context = self._context
        return SequencerOptions(
            id="",
            model=context.model or "",
            created=context.created,
            new_id=self._new_id,
            call_prefix=str(self.client.protocol.limits.get("call_id", {}).get("prefix", "call_")),
            response_model=self._response_model,
            estimate=context.estimated,
            names=self._names,
            think_tags=self._quirks.think_tags,
            answers=answers or self.client.answers,
            request_id=self.request_id,
        )
