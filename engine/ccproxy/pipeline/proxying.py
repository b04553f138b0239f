"""One proxied chat request: body, access, then the direct or the converted path to one target after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from orjson import dumps

from ccproxy.diagnostics.suggest import quoted_list
from ccproxy.pipeline.access import let_in
from ccproxy.pipeline.body import model_of, parse_body, read_body, wants_stream
from ccproxy.pipeline.converted import ConvertedAnswer
from ccproxy.pipeline.course import ask_in_turn
from ccproxy.pipeline.direct import DirectAnswer
from ccproxy.pipeline.edits import PolicyEdits
from ccproxy.pipeline.fresh import fresh_values
from ccproxy.pipeline.peek import Peek
from ccproxy.pipeline.seals import holds_seals
from ccproxy.pipeline.shown import ask_what_models_can
from ccproxy.policy.conversation import conversation_of
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.protocol import Operation
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.engine_port import Exchange
    from ccproxy.pipeline.injecting import Injection
    from ccproxy.pipeline.peek import Found
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.stages import Stages
    from ccproxy.routing.router import Choice

_peeks: dict[str, Peek] = {}


async def proxy(call: Call) -> None:
    """Answer one chat request; raise ProxyError or RequestRejected when it cannot be sent."""
    tools = call.tools
    key = let_in(call)
    if call.source.stream.without_query is not None:
        call.source = call.source.for_query(dict(parse_qsl(call.query)))
    chat = ChatRequest(call, await read_request(call))
    call.has_seals = chat.has_seals
    allowed = key.groups if key else ()
    choice = tools.planner.choose(call.group, chat.model, allowed, chat.conversation())
    if chat.is_mistaken(choice):
        choice = tools.planner.choose(call.group, chat.model, allowed, chat.conversation())
    call.facts.asked_model = chat.model
    await ask_what_models_can(call, choice)
    if tools.inject is not None and tools.inject.is_for(choice.group):
        from ccproxy.pipeline.injecting import open_injection  # noqa: PLC0415 (few proxies need it)

        chat.injection = await open_injection(call, choice.group, tools.inject)
        call.converts = call.converts or chat.injection is not None
    await ask_in_turn(call, choice, chat.prepare, injection=chat.injection)
    if chat.injection is not None:
        call.facts.dropped += tuple(chat.injection.rounds.dropped)


async def read_request(call: Call) -> bytes:
    """Return the whole body; listeners are told of it."""
    raw = await read_body(call.request, call.tools.max_body_bytes)
    if call.stages is not None:
        call.stages.client_request(call.request.method, call.request.raw_path, call.request.headers, raw)
    return raw


class ChatRequest:
    """State of a client's chat request; made anew for each target that is asked."""

    def __init__(self, call: Call, raw: bytes) -> None:
        self._call = call
        self._raw = raw
        self._parsed: JsonObject | None = None
        self._look = quick_look(raw, call.operation)
        self._sealed: bool | None = None
        self.injection: Injection | None = None
        self.model = self._look.text if self._look else model_of(self.body, call.operation.model, call.parameters)

    def is_mistaken(self, choice: Choice) -> bool:
        """Whether the quick look saw another model than the one that counts: the same key came again further on."""
        look = self._look
        if look is None:
            return False
        may_pass_on = any(turn.provider.protocol == self._call.source.name for turn in choice.turns)
        if may_pass_on and _peek(self._call.operation).is_only(look, self._raw):
            return False
        if may_pass_on:
            self._look = None  # its place may not be the one to change
        self.model = model_of(self.body, self._call.operation.model, self._call.parameters)
        return self.model != look.text

    def has_seals(self) -> bool:
        """Whether the conversation holds what a model of another protocol signed."""
        if self._sealed is None:
            self._sealed = holds_seals(self._call.source, self._raw)
        return self._sealed

    @property
    def body(self) -> JsonObject:
        """The parsed body."""
        if self._parsed is None:
            self._parsed = parse_body(self._raw)
        return self._parsed

    @property
    def stream(self) -> bool:
        """Whether the client wants a stream."""
        return wants_stream(self.body, self._call.operation.stream, self._call.parameters)

    def conversation(self) -> bytes | None:
        """Return what all requests of a conversation have in common, where targets are chosen by it."""
        if not self._call.tools.resilience.sticky:
            return None
        places = self._call.tools.planner.places(self._call.source, self._call.operation)
        return conversation_of(self.body, places).encode() or None

    def prepare(self, plan: Plan) -> tuple[bytes, Answer]:
        """Return the request for a target, and what becomes of its answer."""
        return self._passed_on(plan) if plan.direct else self._converted(plan)

    def _passed_on(self, plan: Plan) -> tuple[bytes, Answer]:
        answer = DirectAnswer(self._call.tools.engine, plan, lambda: self.stream)
        if self._look is not None and not plan.edits and _peek(plan.operation).is_only(self._look, self._raw):
            outgoing = self._look.replaced_in(self._raw, plan.model)
        else:
            outgoing = self._edited(plan)
        fresh = plan.endpoint.fresh_headers
        values = fresh_values(plan, self._call.facts.request_id, self.body) if fresh else {}
        return with_length(direct_head(self._call, plan, answer, values), outgoing), answer

    def _edited(self, plan: Plan) -> bytes:
        if not plan.edits:
            return _with_model(self._raw, self.body, plan)
        engine, name = self._call.tools.engine, plan.source.name
        body = plan.policy.on_wire(self.body, plan.places, lambda shorter: engine.tokens_of(name, name, shorter))
        edited = engine.direct_request(body, plan.backend, plan.endpoint.provider.quirks)
        body = plan.policy.parameters(body if edited is None else edited)
        if self._call.stages is not None:
            plain = engine.direct_request(self.body, plan.backend, plan.endpoint.provider.quirks) or self.body
            if plain != body:
                self._tell_unchanged(self._call.stages, _with_model(b"", plain, plan))
        return _with_model(self._raw if body == self.body else b"", body, plan)

    def _converted(self, plan: Plan) -> tuple[bytes, Answer]:
        call, stream, policy = self._call, self.stream, plan.policy
        call.facts.stream = stream
        injection = self.injection
        is_edited = policy.limits_requests or policy.edits_prompts or injection is not None
        edits = PolicyEdits(call.tools.engine, plan, injection.rounds if injection else None) if is_edited else None
        exchange = self._open(plan, stream, edits)
        call.facts.dropped = tuple(exchange.dropped)
        if plan.alias.strict and exchange.dropped:
            raise _refused_loss(exchange.dropped)
        if call.stages is not None:
            if edits is not None:
                call.stages.unified_request(self._open(plan, stream).unified)
            call.stages.unified_request(exchange.unified)
            if policy.parameters(exchange.upstream_request) != exchange.upstream_request:
                self._tell_unchanged(call.stages, dumps(exchange.upstream_request))

        def worded(request: JsonObject) -> bytes:
            return with_length(self._head(plan, stream), dumps(policy.parameters(request)))

        request = worded(exchange.upstream_request)
        if injection is not None and injection.rounds.is_active:
            return request, injection.answer(exchange, plan, stream, worded)
        return request, ConvertedAnswer(exchange, plan, stream, worded)

    def _open(self, plan: Plan, stream: bool, edits: PolicyEdits | None = None) -> Exchange:
        """Convert the request for a target, with what policies change."""
        defaults = plan.operation.defaults
        told_by_path = plan.operation.stream is not None and plan.operation.stream.path is not None
        return self._call.tools.engine.open(
            plan.source.name,
            plan.target.name,
            {**defaults, **self.body} if defaults else self.body,
            model=plan.model,
            stream=stream if told_by_path else None,
            backend=plan.backend,
            quirks=plan.endpoint.provider.quirks,
            response_model=self.model,
            request_id=self._call.reply.request_id,
            limit=edits.limit if edits else None,
            edit=edits.prompt if edits else None,
            compat=plan.compat,
        )

    def _tell_unchanged(self, stages: Stages, body: bytes) -> None:
        """Tell a listener what would be sent if no policy changed it."""
        stages.upstream_request(len(self._call.facts.attempts), "", {}, body)

    def _head(self, plan: Plan, stream: bool) -> bytes:
        """Return the head of a converted request, anew where it has headers that are another every time."""
        endpoint = plan.endpoint
        if not endpoint.fresh_headers:
            return plan.stream_request_head if stream else plan.request_head
        target = endpoint.stream_target if stream else endpoint.target
        values = fresh_values(plan, self._call.facts.request_id, self.body)
        return endpoint.request_head(target, {}, values)


def _refused_loss(dropped: Sequence[str]) -> ProxyError:
    """The error of a strict group, whose requests reach the provider whole or not at all."""
    lost = quoted_list(dropped, "and", most=12)
    return ProxyError(
        "invalid_request", 400, f"This group is strict, and the provider cannot take {lost}.", param=dropped[0]
    )


def with_length(head: bytes, body: bytes) -> bytes:
    """Return a whole request: the head ends where the length of the body belongs."""
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)


def quick_look(raw: bytes, operation: Operation) -> Found | None:
    """Return the model's name and place when it stands near the beginning of what looks like an object."""
    if operation.model is None or operation.model.body is None or "/" in operation.model.body[1:]:
        return None
    found = _peek(operation).find(raw)
    return found if found and found.text and raw.rstrip().endswith(b"}") else None


def _peek(operation: Operation) -> Peek:
    pointer = operation.model.body if operation.model and operation.model.body else "/model"
    peek = _peeks.get(pointer)
    if peek is None:
        peek = _peeks[pointer] = Peek(pointer[1:])
    return peek


def _with_model(raw: bytes, body: JsonObject, plan: Plan) -> bytes:
    """Return the client's bytes, or the body anew when the model's name must change."""
    pointer = plan.operation.model.body if plan.operation.model else None
    if pointer is None or body.get(pointer[1:]) == plan.model:
        return raw or dumps(body)
    return dumps({**body, pointer[1:]: plan.model})


def direct_head(call: Call, plan: Plan, answer: Answer, values: Mapping[str, str]) -> bytes:
    """Return the head of a forwarded request: with the client's query, less its key, and the headers to pass on.

    `values` fill the headers that are another for every request.
    """
    endpoint, sent, query = plan.endpoint, call.request.headers, call.query
    streams = endpoint.stream_target != endpoint.target and answer.asks_for_stream()
    forwarded = {name: sent[name] for name in plan.source.headers.forward if name in sent}
    if (
        not query
        and not forwarded
        and not endpoint.fresh_headers
        and plan.source.stream.framing == plan.target.stream.framing
    ):
        return plan.stream_request_head if streams else plan.request_head
    target = endpoint.stream_target if streams else endpoint.target
    if plan.source.stream.framing != plan.target.stream.framing:
        target = target.partition("?")[0]  # the client did not ask for the usual framing
    hidden = {*plan.source.auth.client_query, *call.tools.gate.query_names}
    return endpoint.request_head(_with_query(target, query, hidden), forwarded, values)


def _with_query(target: str, query: str, hidden: Collection[str]) -> str:
    kept = [(name, value) for name, value in parse_qsl(query, True) if name not in hidden] if query else []
    return f"{target}{'&' if '?' in target else '?'}{urlencode(kept)}" if kept else target
