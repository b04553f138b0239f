"""One proxied request: body, access, plan, then the direct or the converted path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from orjson import dumps

from ccproxy.diagnostics.suggest import quoted_list
from ccproxy.pipeline.body import model_of, parse_body, read_body, wants_stream
from ccproxy.pipeline.converted import ConvertedAnswer
from ccproxy.pipeline.direct import DirectAnswer
from ccproxy.pipeline.peek import Peek
from ccproxy.pipeline.transfer import Transfer
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.peek import Found
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.tools import Tools

_peeks: dict[str, Peek] = {}


async def proxy(
    tools: Tools,
    request: BaseRequest,
    reply: Reply,
    source: Protocol,
    operation: Operation,
    group: str | None,
    parameters: Mapping[str, str],
) -> Plan:
    """Answer one request of a protocol's operation; raise ProxyError or RequestRejected when it cannot be sent."""
    query = request.raw_path.partition("?")[2]
    key = tools.gate.admit(source, request.headers, query)
    if source.stream.without_query is not None:
        source = source.for_query(dict(parse_qsl(query)))
    raw = await read_body(request, tools.max_body_bytes)
    allowed = key.groups if key else ()
    look = quick_look(raw, operation)
    if look is not None:
        plan = tools.planner.plan(source, operation, group, look.text, allowed)
        if plan.direct and not _has_edits(tools, plan) and _peek(operation).is_only(look, raw):
            await _pass_on(tools, request, reply, plan, raw, look.replaced_in(raw, plan.model), parameters)
            return plan
    body = parse_body(raw)
    model = model_of(body, operation.model, parameters)
    if look is None or look.text != model:
        plan = tools.planner.plan(source, operation, group, model, allowed)
    if plan.direct:
        edited = tools.engine.direct_request(body, plan.backend, plan.endpoint.provider.quirks)
        outgoing = _with_model(raw, body, plan) if edited is None else _with_model(b"", edited, plan)
        await _pass_on(tools, request, reply, plan, raw, outgoing, parameters)
    else:
        await _convert(tools, reply, plan, body, model, parameters)
    return plan


async def _pass_on(
    tools: Tools,
    request: BaseRequest,
    reply: Reply,
    plan: Plan,
    raw: bytes,
    outgoing: bytes,
    parameters: Mapping[str, str],
) -> None:
    answer = DirectAnswer(tools.engine, plan, lambda: wants_stream(parse_body(raw), plan.operation.stream, parameters))
    head = direct_head(plan, request, answer)
    await Transfer(tools, plan, answer, reply).run(with_length(head, outgoing))


async def _convert(
    tools: Tools, reply: Reply, plan: Plan, body: JsonObject, model: str, parameters: Mapping[str, str]
) -> None:
    stream = wants_stream(body, plan.operation.stream, parameters)
    told_by_path = plan.operation.stream is not None and plan.operation.stream.path is not None
    defaults = plan.operation.defaults
    exchange = tools.engine.open(
        plan.source.name,
        plan.target.name,
        {**defaults, **body} if defaults else body,
        model=plan.model,
        stream=stream if told_by_path else None,
        backend=plan.backend,
        quirks=plan.endpoint.provider.quirks,
        response_model=model,
        request_id=reply.request_id,
    )
    if plan.strict and exchange.dropped:
        raise _refused_loss(exchange.dropped)
    head = plan.stream_request_head if stream else plan.request_head
    request = with_length(head, dumps(exchange.upstream_request))
    await Transfer(tools, plan, ConvertedAnswer(exchange, plan, stream), reply).run(request)


def _refused_loss(dropped: Sequence[str]) -> ProxyError:
    """The error of a strict group, whose requests reach the provider whole or not at all."""
    lost = quoted_list(dropped, "and", most=12)
    return ProxyError(
        "invalid_request", 400, f"This group is strict, and the provider cannot take {lost}.", param=dropped[0]
    )


def _has_edits(tools: Tools, plan: Plan) -> bool:
    return tools.engine.has_direct_edits(plan.backend, plan.endpoint.provider.quirks)


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


def direct_head(plan: Plan, request: BaseRequest, answer: Answer) -> bytes:
    """Return the head of a forwarded request: with the client's query, less its key, and the headers to pass on."""
    endpoint, sent = plan.endpoint, request.headers
    query = request.raw_path.partition("?")[2]
    streams = endpoint.stream_target != endpoint.target and answer.asks_for_stream()
    forwarded = {name: sent[name] for name in plan.source.headers.forward if name in sent}
    if not query and not forwarded and plan.source.stream.framing == plan.target.stream.framing:
        return plan.stream_request_head if streams else plan.request_head
    target = endpoint.stream_target if streams else endpoint.target
    if plan.source.stream.framing != plan.target.stream.framing:
        target = target.partition("?")[0]  # the client did not ask for the usual framing
    return endpoint.request_head(_with_query(target, query, plan), forwarded)


def _with_query(target: str, query: str, plan: Plan) -> str:
    hidden = plan.source.auth.client_query
    kept = [(name, value) for name, value in parse_qsl(query, True) if name not in hidden] if query else []
    return f"{target}{'&' if '?' in target else '?'}{urlencode(kept)}" if kept else target
