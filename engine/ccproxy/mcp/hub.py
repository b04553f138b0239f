"""The joined MCP server inside the proxy: starts what is configured, and answers the requests of clients."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from typing import TYPE_CHECKING, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import RequestBodyLimitMiddleware
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from ccproxy.config.mcp_settings import McpGroup
from ccproxy.mcp.asgi import Bridge, scope_of
from ccproxy.mcp.forwarding import gather_quietly
from ccproxy.mcp.guard import build_guard
from ccproxy.mcp.oauth import auth_for
from ccproxy.mcp.offer import join
from ccproxy.mcp.old_sse import OldSse
from ccproxy.mcp.party import SCOPE_KEY, Party
from ccproxy.mcp.questions import Parking
from ccproxy.mcp.replies import error_body
from ccproxy.mcp.sessions import Sessions
from ccproxy.mcp.store import IN_MEMORY, Store
from ccproxy.mcp.switchboard import Switchboard
from ccproxy.mcp.upstream import Upstream
from ccproxy.mcp.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.web import BaseRequest

    from ccproxy.config.mcp_settings import McpSettings
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mcp.asgi import Answer, Receive, Scope, Send

log: Final = logging.getLogger("ccproxy.mcp")

HTTP_PATH: Final = "/mcp/http"
SSE_PATH: Final = "/mcp/sse"
MESSAGE_PATH: Final = "/mcp/messages"
FIRST_LIST_S: Final = 10.0
FOR_MODELS: Final = "/models"  # after a group's name: what its models may call
_JSON: Final = b"content-type: application/json\r\n"
_CORS: Final = (
    b"access-control-allow-methods: GET, POST, DELETE, OPTIONS\r\naccess-control-allow-headers: *, authorization\r\n"
    b"access-control-expose-headers: mcp-session-id\r\naccess-control-max-age: 600\r\n"
)


class McpHub:
    """State of everything: servers, views of groups, sessions of clients."""

    def __init__(
        self,
        settings: McpSettings,
        host: str = "127.0.0.1",
        state_path: str = IN_MEMORY,
        clock: Callable[[], float] = time.time,
        patience_s: float = FIRST_LIST_S,
    ) -> None:
        self._settings = settings
        self._guard = build_guard(settings, host)
        self._patience_s = patience_s
        self._store = Store(state_path)
        self._parking = Parking()
        self.instance = secrets.token_hex(8)
        self.upstreams: dict[str, Upstream] = {}
        self._views: dict[str, View] = {}
        self._modern: dict[str, StreamableHTTPSessionManager] = {}
        self._sse: dict[str, OldSse] = {}
        ears = Switchboard(self.upstreams, self._views)
        for name, server in settings.servers.items():
            if not server.disabled:
                auth_of = lambda of: auth_for(of, self._store)  # noqa: E731
                self.upstreams[name] = Upstream(server, self._store, ears, self.instance, auth_of, self._changed)
        self._joined = join({name: one.offer for name, one in self.upstreams.items()}, settings)
        self._sessions = Sessions(settings, self._store, clock, self._forget)
        self._legacy = RequestBodyLimitMiddleware(self._handle_session, settings.max_message_bytes)
        self._holders: list[asyncio.Task[None]] = []
        self._opening = asyncio.Lock()
        self._telling: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the servers that are to be started at once."""
        for upstream in self.upstreams.values():
            if upstream.server.eager:
                upstream.start()

    async def finish(self, patience_s: float) -> None:
        """End the streams that only wait for news, and let calls finish for a while."""
        for view in self._views.values():
            view.listening.close()
        deadline = time.monotonic() + patience_s
        while any(upstream.is_busy for upstream in self.upstreams.values()) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Put the sessions to sleep and stop the servers."""
        await self.finish(0.0)
        await self._sessions.close()
        self._parking.close()
        await asyncio.gather(*(upstream.stop() for upstream in self.upstreams.values()), return_exceptions=True)
        for holder in self._holders:
            holder.cancel()
        await asyncio.gather(*self._holders, return_exceptions=True)
        self._store.close()

    def status(self) -> JsonObject:
        """Return how everything is, for people."""
        servers: JsonObject = {name: upstream.status() for name, upstream in sorted(self.upstreams.items())}
        for name, server in self._settings.servers.items():
            if server.disabled:
                servers[name] = {"state": "disabled", "tools": 0}
        sessions = len(self._sessions) + sum(len(sse) for sse in self._sse.values())
        return {"servers": servers, "tools": len(self._joined.tools), "sessions": sessions}

    async def handle(
        self, request: BaseRequest, answer: Answer, path: str, group: str, key: str, prefix: str = ""
    ) -> None:
        """Answer a request for one of the paths.

        `group` names rules of the settings, `key` the client's access key; `prefix` is what stood before the path.
        """
        origin = request.headers.get("origin")
        refusal = self._guard.refusal(request.headers.get("host"), origin)
        if refusal is not None:
            answer.send(refusal[0], _JSON, error_body(*refusal))
            return
        if request.method == "OPTIONS" and origin is not None:
            answer.send(204, _CORS + b"access-control-allow-origin: %b\r\n" % origin.encode("latin-1"), b"")
            return
        bridge = Bridge(request, answer, origin)
        try:
            await self._route(
                path, group, key, {**scope_of(request, path), "root_path": prefix}, bridge.receive, bridge.send
            )
        finally:
            bridge.finish()

    async def view(self, group: str) -> View:
        """Return a group's view."""
        async with self._opening:
            if group not in self._views:
                await self._open_view(group)
        return self._views[group]

    async def all_known(self, view: View) -> None:
        """Wait a while for servers of which nothing is known yet; one that fails is not waited for again."""
        waits = []
        for upstream in view.members:
            if not upstream.is_known and not upstream.tried.is_set():
                upstream.start()
                waits.append(upstream.tried.wait())
        await gather_quietly(*waits, patience_s=self._patience_s)
        for upstream in view.members:
            if not upstream.is_known:
                upstream.tried.set()
        await asyncio.gather(*self._telling)

    async def try_all(self, view: View) -> None:
        """Start every server, known or not, and wait until each runs or has failed."""
        for upstream in view.members:
            upstream.start()
        await gather_quietly(*(upstream.tried.wait() for upstream in view.members), patience_s=self._patience_s)

    async def _route(self, path: str, group: str, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        view = await self.view(group)
        if path == SSE_PATH:
            await self._sse[group].stream(key, scope, receive, send)
        elif path == MESSAGE_PATH:
            await self._sse[group].message(key, scope, receive, send)
        elif _is_modern(scope):
            scope[SCOPE_KEY] = Party(secrets.token_hex(8), key)
            await self._modern[group].handle_request(scope, receive, send)
        else:
            scope[SCOPE_KEY] = (view, group, key)
            await self._legacy(scope, receive, send)

    async def _handle_session(self, scope: Scope, receive: Receive, send: Send) -> None:
        view, group, key = scope.pop(SCOPE_KEY)
        await self._sessions.handle(view, group, key, scope, receive, send)

    async def _open_view(self, group: str) -> None:
        settings = self._settings
        rules = self._rules(group)
        view = View(rules, self.upstreams, self._parking, self.instance, settings.page_size, self.all_known)
        await view.take(self._joined)
        self._sse[group] = OldSse(view, MESSAGE_PATH, settings.max_message_bytes, settings.max_sessions, self._forget)
        manager = StreamableHTTPSessionManager(view.server, max_request_body_size=settings.max_message_bytes)
        self._modern[group] = await self._run_manager(manager)
        self._views[group] = view

    def _rules(self, view: str) -> McpGroup:
        """Return what a view shows: that of a group, or of what models of a group may call."""
        group, for_models, _ = view.partition(FOR_MODELS)
        rules = self._settings.groups.get(group, McpGroup())
        return self._settings.inject.narrows(rules, self._settings.servers) if for_models else rules

    async def _run_manager(self, manager: StreamableHTTPSessionManager) -> StreamableHTTPSessionManager:
        """Run the SDK's manager in a task, as it has to end in the task that began it."""
        started = asyncio.Event()

        async def hold() -> None:
            async with manager.run():
                started.set()
                await asyncio.Event().wait()

        self._holders.append(asyncio.create_task(hold()))
        await started.wait()
        return manager

    def _changed(self, _server: str) -> None:
        """Join the offers anew, and tell clients whose view changed."""
        self._joined = join({name: one.offer for name, one in self.upstreams.items()}, self._settings)
        for view in self._views.values():
            task = asyncio.create_task(view.take(self._joined))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def _forget(self, party: Party) -> None:
        await gather_quietly(*(upstream.forget(party) for upstream in self.upstreams.values()), patience_s=15.0)


def _is_modern(scope: Scope) -> bool:
    """Whether a request names a protocol version that has no sessions, or one that nobody knows."""
    version = next((value for name, value in scope["headers"] if name == b"mcp-protocol-version"), None)
    return version is not None and version.decode("latin-1") not in HANDSHAKE_PROTOCOL_VERSIONS
