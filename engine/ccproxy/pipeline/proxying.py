"""One proxied request: body, access, plan, then the direct or the converted path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from multidict import CIMultiDict
from orjson import dumps
from yarl import URL

from ccproxy.pipeline.body import model_of, parse_body, read_body, wants_stream
from ccproxy.pipeline.converted import ConvertedAnswer
from ccproxy.pipeline.direct import DirectAnswer
from ccproxy.pipeline.peek import Peek
from ccproxy.pipeline.transfer import Transfer

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
    raw = await read_body(request, tools.max_body_bytes)
    found, body = look_for_model(raw, operation)
    model = (
        found.text if found else model_of(body if body is not None else parse_body(raw), operation.model, parameters)
    )
    plan = tools.planner.plan(source, operation, group, model, key.groups if key else ())
    if not plan.direct:
        await _convert(tools, reply, plan, parse_body(raw) if body is None else body, parameters)
    else:
        outgoing = _with_model(raw, found, body, plan)
        answer = DirectAnswer(tools.engine, plan, lambda: wants_stream(parse_body(raw), operation.stream, parameters))
        url = _direct_url(plan, query, answer)
        await Transfer(tools, plan, answer, reply).run(url, _direct_headers(plan, request), outgoing)
    return plan


async def _convert(tools: Tools, reply: Reply, plan: Plan, body: JsonObject, parameters: Mapping[str, str]) -> None:
    stream = wants_stream(body, plan.operation.stream, parameters)
    exchange = tools.engine.open(
        plan.source.name, plan.target.name, body, model=plan.model, quirks=plan.endpoint.provider.quirks
    )
    endpoint = plan.endpoint
    url = endpoint.stream_url if stream else endpoint.url
    outgoing = dumps(exchange.upstream_request)
    await Transfer(tools, plan, ConvertedAnswer(exchange, plan, stream), reply).run(url, endpoint.headers, outgoing)


def look_for_model(raw: bytes, operation: Operation) -> tuple[Found | None, JsonObject | None]:
    """Return the model's name and place after a quick look, or the parsed body after a thorough one."""
    pointer = operation.model.body if operation.model else None
    if pointer is None or "/" in pointer[1:]:
        return None, None
    peek = _peeks.get(pointer)
    if peek is None:
        peek = _peeks[pointer] = Peek(pointer[1:])
    found = peek.find(raw)
    return (found, None) if found and found.text and raw.rstrip().endswith(b"}") else (None, parse_body(raw))


def _with_model(raw: bytes, found: Found | None, body: JsonObject | None, plan: Plan) -> bytes:
    """Return the client's bytes with the upstream's model name."""
    if found is not None:
        return found.replaced_in(raw, plan.model)
    pointer = plan.operation.model.body if plan.operation.model else None
    if body is None or pointer is None or body.get(pointer[1:]) == plan.model:
        return raw
    return dumps({**body, pointer[1:]: plan.model})


def _direct_url(plan: Plan, query: str, answer: Answer) -> URL:
    """Return the upstream's address with the client's query, less the client's key."""
    endpoint = plan.endpoint
    url = endpoint.url
    if endpoint.stream_url is not url and answer.asks_for_stream():
        url = endpoint.stream_url
    if not query:
        return url
    kept = [(name, value) for name, value in parse_qsl(query, True) if name not in plan.source.auth.client_query]
    return URL(f"{url}{'&' if url.query_string else '?'}{urlencode(kept)}", encoded=True) if kept else url


def _direct_headers(plan: Plan, request: BaseRequest) -> CIMultiDict[str]:
    """Return the upstream's headers with those of the client's that its protocol passes on."""
    headers, sent = plan.endpoint.headers, request.headers
    forwarded = [(name, sent[name]) for name in plan.source.headers.forward if name in sent]
    if forwarded:
        headers = headers.copy()
        headers.update(forwarded)
    return headers
