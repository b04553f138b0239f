"""The transport of clients from before Streamable HTTP: a stream of events, and messages posted beside it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from mcp.server.connection import Connection
from mcp.server.runner import serve_connection
from mcp.server.sse import SseServerTransport
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher

from ccproxy.mcp.party import SCOPE_KEY, Party
from ccproxy.mcp.replies import refuse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ccproxy.mcp.asgi import Message, Receive, Scope, Send
    from ccproxy.mcp.view import View

_SESSION_PARAMETER: Final = "session_id="


class OldSse:
    """State of one view's sessions of this kind; they end with their stream."""

    def __init__(
        self, view: View, path: str, max_bytes: int, max_sessions: int, forget: Callable[[Party], Awaitable[None]]
    ) -> None:
        self._view = view
        self._transport = SseServerTransport(path, max_request_body_size=max_bytes)
        self._max_sessions = max_sessions
        self._forget = forget
        self._parties: dict[str, Party] = {}

    def __len__(self) -> int:
        return len(self._parties)

    async def stream(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client until it leaves."""
        if scope["method"] != "GET":
            await refuse(
                scope, receive, send, 405, "This path is read with GET; messages go to the path that it tells."
            )
            return
        if len(self._parties) >= self._max_sessions:
            await refuse(scope, receive, send, 503, "Too many open sessions")
            return
        party = Party(secrets.token_hex(8), key, lasting=True)
        session_id = ""

        async def watch(message: Message) -> None:
            nonlocal session_id
            body = message.get("body", b"")
            if not session_id and b"event: endpoint" in body:
                session_id = body.decode().partition(_SESSION_PARAMETER)[2].split()[0]
                self._parties[session_id] = party
            await send(message)

        try:
            async with self._transport.connect_sse(scope, receive, watch) as (reading, writing):
                dispatcher = JSONRPCDispatcher(reading, writing, inline_methods=frozenset({"initialize"}))
                connection = Connection.for_loop(dispatcher)
                await serve_connection(
                    self._view.server,
                    dispatcher,
                    connection=connection,
                    lifespan_state={},
                    init_options=self._view.options(),
                )
        finally:
            self._parties.pop(session_id, None)
            self._view.parties.pop(party.name, None)
            await self._view.drop_subscriptions(party)
            await self._forget(party)

    async def message(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one message; only the key that opened the stream may send it."""
        session_id = parse_qs(scope["query_string"].decode("latin-1")).get("session_id", [""])[0]
        party = self._parties.get(session_id)
        if party is None or party.key != key:
            await refuse(scope, receive, send, 404, "Session not found")
            return
        scope[SCOPE_KEY] = party
        await self._transport.handle_post_message(scope, receive, send)
