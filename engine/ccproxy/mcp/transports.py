"""Ways to reach a server: a program's pipes, Streamable HTTP, or SSE. A program's stderr goes to the log."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, TextIO, TypeAlias

from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp_types import JSONRPCNotification, JSONRPCResponse

if TYPE_CHECKING:
    from types import TracebackType

    import httpx2
    from mcp.client import Transport
    from mcp.shared._stream_protocols import ReadStream, WriteStream
    from mcp.shared.message import SessionMessage

    from ccproxy.config.mcp_settings import McpServer

Streams: TypeAlias = "tuple[ReadStream[SessionMessage | Exception], WriteStream[SessionMessage]]"

log: Final = logging.getLogger("ccproxy.mcp")

LONGEST_LINE: Final = 500
LINES_PER_SECOND: Final = 50
NOTIFICATIONS_PER_SECOND: Final = 500
SILENCE_S: Final = 3600.0  # a remote server may hold a stream open for so long without a word


def transport_of(server: McpServer, auth: httpx2.Auth | None = None) -> Transport:
    """Return a way to the server, not yet taken."""
    if server.command:
        return _program(server)
    if server.sse:
        return sse_client(
            server.url, dict(server.headers), timeout=server.connect_s, sse_read_timeout=SILENCE_S, auth=auth
        )
    return _remote(server, auth)


@asynccontextmanager
async def _remote(server: McpServer, auth: httpx2.Auth | None) -> AsyncIterator[Streams]:
    async with (
        create_mcp_http_client(headers=dict(server.headers), auth=auth) as client,
        streamable_http_client(server.url, http_client=client) as streams,
    ):
        yield streams


@asynccontextmanager
async def _program(server: McpServer) -> AsyncIterator[Streams]:
    """Start the program; the SDK gives it PATH, HOME and the like, and what is configured, and nothing else."""
    parameters = StdioServerParameters(
        command=server.command, args=list(server.args), env=dict(server.env), cwd=server.cwd
    )
    async with _stderr_to_log(server.name) as stderr, stdio_client(parameters, errlog=stderr) as streams:
        stderr.close()  # the program has it now; ours would keep the pipe open after its end
        yield streams


@asynccontextmanager
async def _stderr_to_log(name: str) -> AsyncIterator[TextIO]:
    reading, writing = os.pipe()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 16)
    pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb"))
    task = asyncio.create_task(_log_lines(name, reader))
    errlog = os.fdopen(writing, "w")
    try:
        yield errlog
    finally:
        errlog.close()
        task.cancel()
        pipe.close()


async def _log_lines(name: str, reader: asyncio.StreamReader) -> None:
    second, written = 0, 0
    while piece := await _next_line(reader):
        now = int(time.monotonic())
        second, written = (second, written + 1) if now == second else (now, 1)
        if written <= LINES_PER_SECOND:
            log.info("mcp server %s: %s", name, piece.decode("utf-8", "replace").rstrip()[:LONGEST_LINE])
        elif written == LINES_PER_SECOND + 1:
            log.warning("mcp server %s writes more than %d lines a second", name, LINES_PER_SECOND)


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError as overrun:
        return await reader.readexactly(max(overrun.consumed, 1))
    except asyncio.IncompleteReadError as end:
        return end.partial


class WatchedStream:
    """A stream of messages whose end is told, and which is read no faster than notifications can be handled."""

    def __init__(self, stream: ReadStream[SessionMessage | Exception], ended: asyncio.Event) -> None:
        self._stream = stream
        self._ended = ended
        self.completes_results = False
        self._second = 0
        self._heard = 0

    @property
    def last_context(self) -> object:
        """What the dispatcher runs a message's handler in."""
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        """Return the next message."""
        return await self.__anext__()

    async def aclose(self) -> None:
        """Close the stream."""
        self._ended.set()
        await self._stream.aclose()

    def __aiter__(self) -> WatchedStream:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            item = await self._stream.__anext__()
        except BaseException:
            self._ended.set()
            raise
        message = getattr(item, "message", None)
        if isinstance(message, JSONRPCNotification):
            await self._slow_down()
        elif self.completes_results and isinstance(message, JSONRPCResponse):
            message.result.setdefault("resultType", "complete")  # servers forget it, and the SDK insists
        return item

    async def __aenter__(self) -> WatchedStream:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._ended.set()
        return await self._stream.__aexit__(kind, error, trace)

    async def _slow_down(self) -> None:
        """Leave a server that floods waiting in its own pipe: it slows down, and nobody else does."""
        now = int(time.monotonic())
        self._second, self._heard = (self._second, self._heard + 1) if now == self._second else (now, 1)
        if self._heard > NOTIFICATIONS_PER_SECOND:
            await asyncio.sleep(now + 1 - time.monotonic())
