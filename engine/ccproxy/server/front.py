"""Every request comes through here: find its route, hand it to the pipeline, word what went wrong."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from os import urandom
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.body import too_deep
from ccproxy.pipeline.call import Call
from ccproxy.pipeline.operations import answer_operation
from ccproxy.pipeline.proxying import proxy
from ccproxy.pipeline.reply import ClientGoneError, Reply, header_line
from ccproxy.pipeline.wording import error_of, send_error
from ccproxy.routing.facts import RequestFacts
from ccproxy.routing.failures import ProxyError
from ccproxy.server.origins import ALLOWED, answer_preflight, is_preflight
from ccproxy.server.pages import ADMIN
from ccproxy.server.tracing import TRACED, traced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.pipeline.tools import Tools
    from ccproxy.routing.paths import Match, Route
    from ccproxy.server.current import Current
    from ccproxy.server.mcp_door import McpDoor
    from ccproxy.server.pages import Pages
    from ccproxy.server.version import Version

CLIENT_LEFT: Final = 499
NOT_FOUND: Final = 404
log: Final = logging.getLogger("ccproxy")
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Front:
    """The handler of the low-level server."""

    def __init__(self, current: Current, pages: Pages, mcp: McpDoor) -> None:
        self._current = current
        self._mcp = mcp
        self._pages = pages

    async def handle(self, request: BaseRequest) -> Reply:
        """Answer a request; raises nothing but cancellation."""
        version = self._current.version  # a request keeps it, whatever is loaded meanwhile
        reply = Reply(request, request_id_of(request))
        facts = RequestFacts(reply.request_id, request.method, request.raw_path.partition("?")[0], time.time())
        started = time.perf_counter()
        call = None
        self._current.active += 1
        try:
            if self._mcp.owns(facts.path):
                await self._mcp.answer(version, request, reply, facts.path)
                return reply
            match = version.routes.find(facts.path)
            if "origin" in request.headers and not facts.path.startswith(ADMIN):
                reply.common = ALLOWED
                if is_preflight(request):
                    answer_preflight(request, reply)
                    return reply
            if match is not None:
                call = self._call(version, request, reply, facts, match)
            elif not await self._page(version, request, reply, facts.path):
                _refuse_path(version, request, reply, facts.path)
            if call is not None:
                await _answer(call)
            elif match is not None or reply.status == NOT_FOUND:
                _note_refusal(version, reply, facts, started)
        except ClientGoneError:
            reply.keep_alive = False
        finally:
            self._current.active -= 1
            if call is not None:
                _conclude(call, started)
        return reply

    def _call(
        self, version: Version, request: BaseRequest, reply: Reply, facts: RequestFacts, match: Match
    ) -> Call | None:
        """Return what a protocol is to answer; None when its method is refused."""
        protocols = version.tools.engine.protocols
        route = route_of(match, request, protocols)
        source = protocols[route.protocol]
        reply.id_name = version.id_names[source.name]
        if route.method != request.method:
            _refuse_method(version, request, reply, match, source)
            return None
        facts.client, facts.operation = source.name, route.operation
        operation, listen = source.operations[route.operation], version.tools.listen
        stages = listen(facts) if listen is not None else None
        if TRACED in request.headers:
            stages = traced(self._current.lasting.traces, version, request, reply, stages)
        reply.stages = stages
        return Call(
            version.tools,
            request,
            reply,
            facts,
            source,
            operation,
            match.group,
            match.parameters,
            match.compat,
            stages=stages,
            joined=self._mcp,
        )

    async def _page(self, version: Version, request: BaseRequest, reply: Reply, path: str) -> bool:
        """Answer one of the proxy's own pages; False when the path is none."""
        try:
            return await self._pages.answer(request, reply, version, path)
        except (ClientGoneError, asyncio.CancelledError):
            raise
        except Exception as failure:
            _fail(version.tools, reply, None, failure)
            return True


async def _answer(call: Call) -> None:
    try:
        await (proxy(call) if call.operation.is_chat else answer_operation(call))
    except (ClientGoneError, asyncio.CancelledError):
        raise
    except Exception as failure:
        call.facts.error = _fail(call.tools, call.reply, call.source, failure)


def _fail(tools: Tools, reply: Reply, source: Protocol | None, failure: Exception) -> str:
    """Answer with an error; when the answer has begun already, all that is left is to close the connection."""
    error = error_of(too_deep(failure) or failure, reply.request_id)
    reply.keep_alive = reply.keep_alive and not reply.started
    if not reply.started:
        send_error(tools.engine, reply, source, error)
    return str(error.get("kind"))


def _refuse_path(version: Version, request: BaseRequest, reply: Reply, path: str) -> None:
    """Answer that there is nothing, in the words of the protocol whose paths begin like this one."""
    engine = version.tools.engine
    near = [engine.protocols[name] for name in version.routes.protocols_near(path)]
    source = detected(near, request) if near else None
    if source is not None:
        reply.id_name = version.id_names[source.name]
    send_error(engine, reply, source, _no_route(request.method, path))


def _refuse_method(version: Version, request: BaseRequest, reply: Reply, match: Match, source: Protocol) -> None:
    if "upgrade" in request.headers:
        error = ProxyError("unsupported", 426, "WebSockets are not spoken here; use POST.").error
    else:
        error = ProxyError("invalid_request", 405, f"{request.method} is not a method of this path.").error
    allowed = header_line("allow", ", ".join(sorted(match.routes)))
    send_error(version.tools.engine, reply, source, error, allowed, keep_status=True)


def _note_refusal(version: Version, reply: Reply, facts: RequestFacts, started: float) -> None:
    """Write down a request that no protocol has an answer for; it counts for nothing else."""
    if version.note_refusal is not None:
        facts.status, facts.seconds = reply.status, time.perf_counter() - started
        version.note_refusal(facts)


def _conclude(call: Call, started: float) -> None:
    """Complete what is known of a request, and tell everybody who asked."""
    facts, reply = call.facts, call.reply
    facts.seconds = time.perf_counter() - started
    facts.first_byte_s = None if reply.first_at is None else reply.first_at - started
    facts.status = reply.status if reply.ended else CLIENT_LEFT
    facts.cut = facts.cut or (reply.started and not reply.ended)
    for observe in call.tools.observers:
        try:
            observe(facts)
        except Exception:
            log.exception("request %s cannot be noted", facts.request_id)
    if call.stages is not None:
        call.stages.end(facts)


def request_id_of(request: BaseRequest) -> str:
    """Return the client's own id for the request, or a fresh one."""
    sent = request.headers.get("x-request-id")
    return sent if sent and _PLAIN_ID.fullmatch(sent) else f"req_{urandom(12).hex()}"


def route_of(match: Match, request: BaseRequest, protocols: Mapping[str, Protocol]) -> Route:
    """Return the route for the request's method; protocols that share a path are told apart by their headers."""
    routes = match.routes.get(request.method) or next(iter(match.routes.values()))
    if len(routes) == 1:
        return routes[0]
    by_protocol = {route.protocol: route for route in routes}
    return by_protocol[detected([protocols[name] for name in by_protocol], request).name]


def detected(candidates: Sequence[Protocol], request: BaseRequest) -> Protocol:
    """Return the protocol that the request's headers speak for, else the first that needs no header."""
    for protocol in candidates:
        if any(name in request.headers for name in protocol.headers.detect):
            return protocol
    return next((protocol for protocol in candidates if not protocol.headers.detect), candidates[0])


def _no_route(method: str, path: str) -> JsonObject:
    return ProxyError("not_found", 404, f"There is nothing at {method} {path[:200]}.").error
