"""Operations besides chat: answered here, or one question and one answer of an upstream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.pipeline.access import let_in
from ccproxy.pipeline.body import model_of, parse_body
from ccproxy.pipeline.copies import with_copies
from ccproxy.pipeline.course import ask_in_turn
from ccproxy.pipeline.fresh import fresh_values
from ccproxy.pipeline.proxying import direct_head, read_request, with_length
from ccproxy.pipeline.single import ConvertedSingle, CountedHere, DirectSingle
from ccproxy.pipeline.wording import JSON_HEAD
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.plan import Plan
    from ccproxy.routing.router import Choice

MODELS: Final = "models"
TOKENS: Final = "tokens"


async def answer_operation(call: Call) -> None:
    """Answer one request; raise ProxyError or RequestRejected when there can be no answer."""
    source, operation = call.source, call.operation
    key = let_in(call)
    if operation.refuse:
        kind, message = str(operation.refuse.get("kind")), str(operation.refuse.get("message"))
        raise ProxyError(kind, source.error_status.get(kind, 400), message)
    if operation.constant is not None:
        call.reply.send(200, JSON_HEAD, dumps(operation.constant))
        return
    allowed = key.groups if key else ()
    raw = await read_request(call)
    body = parse_body(raw) if raw.strip() else {}
    if operation.answer == MODELS:
        call.reply.send(200, JSON_HEAD, dumps(_models(call, body, allowed)))
        return
    model = call.facts.asked_model = model_of(body, operation.model, call.parameters)
    choice = call.tools.planner.choose(call.group, model, allowed)
    question = Question(call, body, raw)
    if operation.answer == TOKENS and question.count_here(choice):
        return
    await ask_in_turn(call, choice, question.prepare, hold=operation.answer != TOKENS)


def _models(call: Call, body: JsonObject, allowed: tuple[str, ...]) -> JsonObject:
    """Return the list of a group's models, or one of them, as the protocol shows them."""
    source, operation, offers = call.source, call.operation, call.tools.offers
    unified: JsonObject
    if operation.model is None:
        unified = {"models": [*offers.models(call.group, allowed)]}
    else:
        unified = {"model": offers.model(call.group, model_of(body, operation.model, call.parameters), allowed)}
    exchange = call.tools.engine.operation(operation.convert_as, source.name, source.name, body)
    return exchange.client_response(unified)


class Question:
    """One question besides chat, made anew for each target that is asked."""

    def __init__(self, call: Call, sent: JsonObject, raw: bytes) -> None:
        self._call = call
        self._sent = sent
        self._raw = raw
        self._body: JsonObject = {**call.operation.defaults, **sent} if call.operation.defaults else sent

    def count_here(self, choice: Choice) -> bool:
        """Count tokens here when the first target speaks another protocol; a count needs no provider."""
        plan = self._call.tools.planner.plan(self._call, choice, choice.turns[0])
        if plan.direct:
            return False
        facts = self._call.facts
        facts.provider, facts.model, facts.way = plan.endpoint.provider.name, plan.model, plan.way
        counted = CountedHere(self._call.tools.engine, plan, self._body)
        self._call.reply.send(200, plan.head + JSON_HEAD, counted.answer())
        return True

    def prepare(self, plan: Plan) -> tuple[bytes, Answer]:
        """Return the request for a target, and what becomes of its answer."""
        return self._passed_on(plan) if plan.direct else self._converted(plan)

    def _passed_on(self, plan: Plan) -> tuple[bytes, Answer]:
        engine, operation = self._call.tools.engine, plan.operation
        counted = CountedHere(engine, plan, self._body) if operation.answer == TOKENS else None
        answer = DirectSingle(engine, plan, counted)
        outgoing = with_copies(self._sent, operation.model, plan.model) if operation.model else None
        values = fresh_values(plan, self._call.facts.request_id, self._sent)
        head = direct_head(self._call, plan, answer, values)
        return with_length(head, dumps(outgoing) if outgoing else self._raw), answer

    def _converted(self, plan: Plan) -> tuple[bytes, Answer]:
        engine, operation = self._call.tools.engine, plan.operation
        exchange = engine.operation(operation.convert_as, plan.source.name, plan.speaks.name, self._body, plan.model)
        unified = exchange.unified_request(self._body)
        unified["model"] = plan.model
        values = fresh_values(plan, self._call.facts.request_id, self._sent)
        head = plan.endpoint.request_head(plan.endpoint.target, {}, values) if values else plan.request_head
        return with_length(head, dumps(exchange.upstream_request(unified))), ConvertedSingle(exchange, plan)
