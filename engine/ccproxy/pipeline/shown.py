"""What runtimes tell of their models: asked once for each, where nothing else says whether they call tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orjson import JSONDecodeError, dumps, loads

from ccproxy.pipeline.tool_modes import AUTO
from ccproxy.upstream.endpoint import build_endpoint
from ccproxy.upstream.failures import UPSTREAM_FAILURES
from ccproxy.upstream.fetching import fetch

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.call import Call
    from ccproxy.routing.rotation import Turn
    from ccproxy.routing.router import Choice

SHOW: Final = "show"
PATIENCE_S: Final = 3.0


async def ask_what_models_can(call: Call, choice: Choice) -> None:
    """Learn what the models of a choice can do, where its policy leaves tools to that and a runtime can be asked."""
    if choice.alias.policy.tool_mode != AUTO or not call.operation.is_chat:
        return
    for turn in choice.turns:
        named = (turn.provider.name, choice.model_of(turn))
        modes = call.tools.tool_modes
        if named not in modes.shown and (abilities := await _abilities(call, turn, named[1])) is not None:
            modes.shown[named] = abilities


async def _abilities(call: Call, turn: Turn, model: str) -> tuple[str, ...] | None:
    """Return what a runtime says that its model can do, None when it cannot be asked or does not answer."""
    engine, protocol = call.tools.engine, call.tools.engine.protocols[turn.provider.protocol]
    operation = protocol.operations.get(SHOW)
    if operation is None or operation.upstream is None:
        return None
    question: JsonObject = {"model": model}
    exchange = engine.operation(SHOW, protocol.name, protocol.name, question, model)
    endpoint = build_endpoint(turn.provider, turn.key, model, protocol, operation, call.tools.planner.proxies)
    try:
        request = dumps(exchange.upstream_request(question))
        status, body = await fetch(call.tools.pool, endpoint, request, PATIENCE_S)
        answer = loads(body) if status == 200 else None
    except (*UPSTREAM_FAILURES, JSONDecodeError):
        return None
    shown = exchange.unified_response(answer).get("model") if isinstance(answer, dict) else None
    listed = shown.get("capabilities") if isinstance(shown, dict) else None
    return tuple(str(ability) for ability in listed) if isinstance(listed, list) else None
