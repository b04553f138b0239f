"""Sends a client's request to the server that it is for, and brings the result back as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp_types.methods import CACHEABLE_METHODS, is_input_required
from pydantic import ValidationError

from ccproxy.mcp.calls import Call
from ccproxy.mcp.link import LinkError
from ccproxy.mcp.questions import MOST_ROUNDS, answer_inputs

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from ccproxy.mcp.link import Link
    from ccproxy.mcp.party import Party
    from ccproxy.mcp.questions import Parking
    from ccproxy.mcp.upstream import Upstream

# A tool's failure is a result that the model sees; failures of other requests are errors.
TOOL_CALL: Final = "tools/call"
# What newer revisions want to read in results that clients may keep; older ones never see it.
UNCACHED: Final[Mapping[str, Any]] = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
_RESERVED: Final = "io.modelcontextprotocol/"
_STALE: Final = frozenset({"Session terminated", "Not Found: Session has been terminated", "Session not found"})


async def forward(
    upstream: Upstream,
    method: str,
    params: Mapping[str, Any],
    context: ServerRequestContext[Any, Any],
    party: Party,
    parking: Parking,
) -> dict[str, Any]:
    """Return the server's result; raise MCPError with its error."""
    call = Call(party, context.session, context.request_id, upstream.server.timeout_s)
    state = params.get("requestState")
    try:
        if parking.holds(state):
            return _completed(method, await parking.resume(str(state), params.get("inputResponses"), call))
        link = await upstream.link_for(party)
        work = _ask(upstream, link, method, params, call)
        if party.is_modern and not link.is_modern:
            return _completed(method, await parking.run(call, work))
        return await work
    except LinkError as error:
        return _failed(method, str(error))
    except TimeoutError:
        seconds = upstream.server.timeout_s
        return _failed(method, f"MCP server {upstream.server.name} did not answer within {seconds:g} s.")
    except ValidationError as error:
        problem = f"MCP server {upstream.server.name} sent a result that does not follow the protocol"
        return _failed(method, f"{problem}: {error.error_count()} problems.")


async def _ask(upstream: Upstream, link: Link, method: str, params: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Send the request; a connection that the server no longer knows is made anew, once."""
    try:
        result = await _send(link, method, params, call)
    except MCPError as error:
        if error.code == types.CONNECTION_CLOSED:
            await upstream.reconnect(link)
            return _failed(method, f"MCP server {upstream.server.name} went away during the request.")
        if error.error.message not in _STALE:
            raise
        await upstream.reconnect(link)
        link = await upstream.link_for(call.party)
        result = await _send(link, method, params, call)
    for _ in range(MOST_ROUNDS):
        if not is_input_required(result) or call.party.is_modern:
            break
        answers = await answer_inputs(call, result)
        again = {**params, "inputResponses": answers, "requestState": result.get("requestState")}
        result = await _send(link, method, {name: value for name, value in again.items() if value}, call)
    return result


async def _send(link: Link, method: str, params: Mapping[str, Any], call: Call) -> dict[str, Any]:
    meta = params.get("_meta")
    sent = {name: value for name, value in params.items() if name != "_meta"}
    if kept := _meta_for(link, meta if isinstance(meta, Mapping) else {}, call):
        sent["_meta"] = kept
    wants_progress = isinstance(meta, Mapping) and meta.get("progressToken") is not None
    link.calls.append(call)
    try:
        async with call.timed():
            result = await link.request(method, sent, call.progress if wants_progress else None)
        await call.all_told()
        return _without_stamp(result)
    finally:
        link.calls.remove(call)


def _completed(method: str, result: dict[str, Any]) -> dict[str, Any]:
    """Add what an older server's result lacks for a newer client."""
    added = UNCACHED if method in CACHEABLE_METHODS else {"resultType": "complete"}
    return {**added, **result}


def _without_stamp(result: dict[str, Any]) -> dict[str, Any]:
    """Leave out who answered: to a client, this proxy does."""
    meta = result.get("_meta")
    if not isinstance(meta, dict) or types.SERVER_INFO_META_KEY not in meta:
        return result
    kept = {name: value for name, value in meta.items() if name != types.SERVER_INFO_META_KEY}
    rest = {name: value for name, value in result.items() if name != "_meta"}
    return {**rest, "_meta": kept} if kept else rest


def _meta_for(link: Link, meta: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """Return what the client's `_meta` says to the server; each leg has its own tokens and envelope."""
    kept = {name: value for name, value in meta.items() if name != "progressToken" and not name.startswith(_RESERVED)}
    if link.is_modern and call.party.log_level is not None:
        kept[types.LOG_LEVEL_META_KEY] = call.party.log_level
    return kept


def _failed(method: str, message: str) -> dict[str, Any]:
    if method != TOOL_CALL:
        raise MCPError(types.INTERNAL_ERROR, message)
    return {"resultType": "complete", "content": [{"type": "text", "text": message}], "isError": True}


async def gather_quietly(*waits: Any, patience_s: float = 5.0) -> None:
    """Wait for several things for a while; failures are nobody's business here."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=patience_s)
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
