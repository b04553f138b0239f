"""One MCP hub for all workers: one of them has it, the others pass requests on to it through a socket of their own.

Programs are started once that way, and the parts of a session that come over different connections meet.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import aiohttp
from aiohttp import web
from orjson import dumps, loads

from ccproxy.pipeline.reply import Reply
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp.web import BaseRequest
    from aiohttp.web_protocol import _RequestHandler

# path, group, key, what stood before the path
Address: TypeAlias = tuple[str, str, str, str]
Answer: TypeAlias = Callable[["BaseRequest", Reply, Address], Awaitable[None]]

LOADING_S: Final = 15.0
_ADDRESS: Final = "x-ccproxy-mcp"
_NOT_SENT_ON: Final = frozenset({_ADDRESS, "connection", "transfer-encoding", "content-length", "keep-alive"})
_OWN: Final = frozenset({b"connection", b"transfer-encoding", b"content-length", b"date", b"x-request-id"})


class McpRelay:
    """State of one worker: whether it has the hub, and the way to the one that has."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "mcp.sock"
        self._lock = os.open(folder / "mcp.lock", os.O_CREAT | os.O_RDWR, 0o600)
        self._has_hub = False
        self._server: asyncio.Server | None = None
        self._client: aiohttp.ClientSession | None = None

    def take(self) -> bool:
        """Whether the hub is this worker's; it becomes that when the one that had it is gone."""
        if not self._has_hub:
            with suppress(BlockingIOError):
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._has_hub = True
        return self._has_hub

    async def listen(self, answer: Answer) -> None:
        """Take requests of the other workers."""
        if self._server is not None:
            return

        async def handle(request: BaseRequest) -> Reply:
            path, group, key, prefix = loads(request.headers[_ADDRESS])
            reply = Reply(request, request.headers.get("x-request-id", ""))
            await answer(request, reply, (path, group, key, prefix))
            return reply

        connections = web.Server(cast("_RequestHandler", handle), access_log=None, handler_cancellation=True)
        self._socket.unlink(missing_ok=True)
        self._server = await asyncio.get_running_loop().create_unix_server(connections, str(self._socket))

    async def forward(self, request: BaseRequest, reply: Reply, address: Address) -> None:
        """Let the worker that has the hub answer; raises ProxyError when none can be reached."""
        if self._client is None:
            connector = aiohttp.UnixConnector(str(self._socket), limit=0)
            timeout = aiohttp.ClientTimeout(total=None, connect=5.0)
            self._client = aiohttp.ClientSession(connector=connector, timeout=timeout)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_SENT_ON}
        headers[_ADDRESS] = dumps(address).decode()
        headers["x-request-id"] = reply.request_id
        body = request.content if request.body_exists else None
        await self._wait_for_socket()
        try:
            url = f"http://mcp{request.raw_path}"
            async with self._client.request(request.method, url, headers=headers, data=body) as answer:
                await _copy(answer, reply)
        except aiohttp.ClientConnectorError as error:
            message = "The worker with the MCP servers is not there; try again."
            raise ProxyError("unavailable", 503, message) from error
        except aiohttp.ClientError:
            if not reply.started:
                raise
            reply.keep_alive = False

    async def ready_socket(self) -> str:
        """Return the socket of the worker that has the hub, for who asks it without a request to pass on."""
        await self._wait_for_socket()
        return str(self._socket)

    @staticmethod
    def header_for(path: str, group: str) -> dict[str, str]:
        """Return what a request for the hub says besides its own path."""
        return {_ADDRESS: dumps((path, group, "", "")).decode()}

    async def _wait_for_socket(self) -> None:
        """Wait while the worker that has the hub loads it."""
        deadline = asyncio.get_running_loop().time() + LOADING_S
        while not self._socket.exists() and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Let go of the hub."""
        if self._server is not None:
            self._server.close()
        if self._client is not None:
            await self._client.close()
        os.close(self._lock)


async def _copy(answer: aiohttp.ClientResponse, reply: Reply) -> None:
    head = b"".join(b"%b: %b\r\n" % (name, value) for name, value in answer.raw_headers if name.lower() not in _OWN)
    if answer.content_length is not None:
        reply.send(answer.status, head, await answer.read())
        return
    reply.begin(answer.status, head)
    reply.flush()
    async for piece in answer.content.iter_any():
        reply.write(piece)
        await reply.drain()
    reply.end()
