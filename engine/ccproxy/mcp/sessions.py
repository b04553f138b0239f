"""Sessions of clients that keep one: each has the SDK's transport and a task that serves it.

A session that sleeps, or that was left by a proxy that has stopped, wakes up with its client's next request.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio
from mcp.server.connection import Connection
from mcp.server.runner import serve_connection
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, StreamableHTTPServerTransport
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import InitializeRequestParams

from ccproxy.mcp.events import RecentEvents
from ccproxy.mcp.party import SCOPE_KEY, Party
from ccproxy.mcp.replies import refuse
from ccproxy.mcp.store import SavedSession

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ccproxy.config.mcp_settings import McpSettings
    from ccproxy.mcp.asgi import Message, Receive, Scope, Send
    from ccproxy.mcp.store import Store
    from ccproxy.mcp.view import View

log: Final = logging.getLogger("ccproxy.mcp")

TOUCH_EVERY_S: Final = 60.0


@dataclass(slots=True, eq=False)
class Session:
    """State of one session that is awake."""

    name: str
    group: str
    party: Party
    transport: StreamableHTTPServerTransport
    connection: Connection | None = None
    touched: float = 0.0
    task: asyncio.Task[None] | None = None
    deleted: bool = False


class Sessions:
    """Owner of the sessions."""

    def __init__(
        self,
        settings: McpSettings,
        store: Store,
        clock: Callable[[], float],
        forget: Callable[[Party], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._forget = forget
        self._awake: dict[str, Session] = {}

    def __len__(self) -> int:
        return len(self._awake)

    async def handle(self, view: View, group: str, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = _header(scope, MCP_SESSION_ID_HEADER)
        if given is None:
            await self._begin(view, group, key, scope, receive, send)
            return
        session = self._awake.get(given) or await self._wake(given, view, group, key)
        if session is None or session.party.key != key or session.group != group:
            await refuse(scope, receive, send, 404, "Session not found")
            return
        self._touch(session)
        scope[SCOPE_KEY] = session.party
        session.deleted = session.deleted or scope["method"] == "DELETE"
        await session.transport.handle_request(scope, receive, send)
        if session.transport.is_terminated:
            self._store.drop_session(given)
            await self._end(session)

    async def close(self) -> None:
        """Put every session to sleep."""
        for session in list(self._awake.values()):
            await self._end(session)

    async def _begin(self, view: View, group: str, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        if len(self._awake) >= self._settings.max_sessions:
            await refuse(scope, receive, send, 503, "Too many open sessions")
            return
        session = self._new(secrets.token_urlsafe(32), group, key)
        scope[SCOPE_KEY] = session.party
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._serve(session, view, None)
            await session.transport.handle_request(scope, receive, watch)
        finally:
            agreed = session.connection is not None and session.connection.client_params is not None
            if status >= 400 or not agreed:
                await asyncio.shield(self._end(session))
            else:
                self._save(session)

    def _new(self, name: str, group: str, key: str) -> Session:
        transport = StreamableHTTPServerTransport(
            mcp_session_id=name, event_store=RecentEvents(), idle_timeout=self._settings.session_idle_s
        )
        party = Party(secrets.token_hex(8), key, lasting=True)
        session = self._awake[name] = Session(name, group, party, transport, touched=self._clock())
        return session

    async def _wake(self, name: str, view: View, group: str, key: str) -> Session | None:
        saved = self._store.find_session(name, self._clock() - self._settings.session_life_s)
        if saved is None or saved.key != key or saved.group != group:
            return None
        if len(self._awake) >= self._settings.max_sessions:
            return None
        session = self._new(name, group, key)
        await self._serve(session, view, saved)
        log.debug("mcp session of %s goes on", key or "a client")
        return session

    async def _serve(self, session: Session, view: View, saved: SavedSession | None) -> None:
        started = asyncio.get_running_loop().create_future()
        session.task = asyncio.create_task(self._run(session, view, saved, started))
        await asyncio.wait({started, session.task}, return_when=asyncio.FIRST_COMPLETED)

    async def _run(
        self, session: Session, view: View, saved: SavedSession | None, started: asyncio.Future[None]
    ) -> None:
        try:
            async with session.transport.connect() as (reading, writing):
                dispatcher = JSONRPCDispatcher(reading, writing, inline_methods=frozenset({"initialize"}))
                session.connection = Connection.for_loop(dispatcher, session_id=session.name)
                if saved is not None:
                    _restore(session.connection, saved)
                started.set_result(None)
                with session.transport.idle_scope or anyio.CancelScope():
                    await serve_connection(
                        view.server,
                        dispatcher,
                        connection=session.connection,
                        lifespan_state={},
                        init_options=view.options(),
                    )
        except Exception:
            log.exception("mcp session failed")
        finally:
            self._awake.pop(session.name, None)
            view.parties.pop(session.party.name, None)
            await asyncio.shield(self._part(session, view))

    async def _part(self, session: Session, view: View) -> None:
        if not session.transport.is_terminated:
            await session.transport.terminate()
        await view.drop_subscriptions(session.party)
        await self._forget(session.party)

    async def _end(self, session: Session) -> None:
        self._awake.pop(session.name, None)
        if not session.transport.is_terminated:
            await session.transport.terminate()
        if session.task is not None and session.task is not asyncio.current_task():
            await asyncio.wait({session.task}, timeout=1.0)
            session.task.cancel()

    def _save(self, session: Session) -> None:
        connection = session.connection
        if connection is None or connection.client_params is None:
            return
        client = connection.client_params.model_dump(by_alias=True, mode="json", exclude_none=True)
        saved = SavedSession(session.party.key, session.group, connection.protocol_version, client)
        now = self._clock()
        self._store.save_session(session.name, saved, now)
        self._store.drop_unused_sessions(now - self._settings.session_life_s, self._settings.max_sessions * 10)

    def _touch(self, session: Session) -> None:
        now = self._clock()
        if now - session.touched > TOUCH_EVERY_S:
            session.touched = now
            self._store.touch_session(session.name, now)


def _restore(connection: Connection, saved: SavedSession) -> None:
    connection.client_params = InitializeRequestParams.model_validate(saved.client_params)
    connection.protocol_version = saved.protocol_version
    connection.initialized.set()


def _header(scope: Scope, name: str) -> str | None:
    wanted = name.encode()
    return next((value.decode("latin-1") for header, value in scope["headers"] if header == wanted), None)
