"""Operations besides chat: answered here, or one question and one answer of an upstream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.pipeline.body import model_of, parse_body, read_body
from ccproxy.pipeline.copies import with_copies
from ccproxy.pipeline.proxying import direct_head, with_length
from ccproxy.pipeline.single import ConvertedSingle, CountedHere, DirectSingle
from ccproxy.pipeline.transfer import Transfer
from ccproxy.pipeline.wording import JSON_HEAD
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.tools import Tools

MODELS: Final = "models"
TOKENS: Final = "tokens"


async def answer_operation(
    tools: Tools,
    request: BaseRequest,
    reply: Reply,
    source: Protocol,
    operation: Operation,
    group: str | None,
    parameters: Mapping[str, str],
) -> Plan | None:
    """Answer one request; raise ProxyError or RequestRejected when there can be no answer."""
    key = tools.gate.admit(source, request.headers, request.raw_path.partition("?")[2])
    if operation.refuse:
        kind, message = str(operation.refuse.get("kind")), str(operation.refuse.get("message"))
        raise ProxyError(kind, source.error_status.get(kind, 400), message)
    if operation.constant is not None:
        reply.send(200, JSON_HEAD, dumps(operation.constant))
        return None
    allowed = key.groups if key else ()
    raw = await read_body(request, tools.max_body_bytes)
    body = parse_body(raw) if raw.strip() else {}
    if operation.answer == MODELS:
        reply.send(200, JSON_HEAD, dumps(_models(tools, source, operation, group, body, parameters, allowed)))
        return None
    model = model_of(body, operation.model, parameters)
    plan = tools.planner.plan(source, operation, group, model, allowed)
    await _ask(tools, request, reply, plan, {**operation.defaults, **body} if operation.defaults else body, body, raw)
    return plan


def _models(
    tools: Tools,
    source: Protocol,
    operation: Operation,
    group: str | None,
    body: JsonObject,
    parameters: Mapping[str, str],
    allowed: tuple[str, ...],
) -> JsonObject:
    """Return the list of a group's models, or one of them, as the protocol shows them."""
    unified: JsonObject
    if operation.model is None:
        unified = {"models": [*tools.offers.models(group, allowed)]}
    else:
        unified = {"model": tools.offers.model(group, model_of(body, operation.model, parameters), allowed)}
    exchange = tools.engine.operation(operation.convert_as, source.name, source.name, body)
    return exchange.client_response(unified)


async def _ask(
    tools: Tools, request: BaseRequest, reply: Reply, plan: Plan, body: JsonObject, sent: JsonObject, raw: bytes
) -> None:
    """Send the question on, converted where need be; tokens that the upstream cannot count are counted here."""
    operation, engine = plan.operation, tools.engine
    counted = CountedHere(engine, plan, body) if operation.answer == TOKENS else None
    if counted is not None and not plan.direct:
        reply.send(200, plan.head + JSON_HEAD, counted.answer())
        return
    if plan.direct:
        outgoing = with_copies(sent, operation.model, plan.model) if operation.model else None
        direct = DirectSingle(engine, plan, counted)
        head = direct_head(plan, request, direct)
        await Transfer(tools, plan, direct, reply).run(with_length(head, dumps(outgoing) if outgoing else raw))
        return
    exchange = engine.operation(operation.convert_as, plan.source.name, plan.speaks.name, body, plan.model)
    unified = exchange.unified_request(body)
    unified["model"] = plan.model
    upstream = with_length(plan.request_head, dumps(exchange.upstream_request(unified)))
    await Transfer(tools, plan, ConvertedSingle(exchange, plan), reply).run(upstream)
