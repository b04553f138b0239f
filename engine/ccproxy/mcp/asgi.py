"""Runs the SDK's ASGI applications inside the aiohttp server: a request becomes a scope, messages become a reply."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

# The reply writes these itself.
_OWN_HEADERS = frozenset({b"connection", b"date", b"server", b"transfer-encoding", b"content-length", b"x-request-id"})


class Answer(Protocol):
    """What a reply must be able to do; the pipeline's is one."""

    started: bool
    ended: bool
    keep_alive: bool

    def send(self, status: int, head: bytes, body: bytes, with_body: bool = True) -> None:
        """Write a whole answer."""

    def begin(self, status: int, head: bytes) -> None:
        """Begin an answer in pieces."""

    def flush(self) -> None:
        """Send the head without waiting for a piece."""

    def write(self, piece: bytes) -> None:
        """Write a piece."""

    def end(self, piece: bytes = b"") -> None:
        """Write the last piece."""

    async def drain(self) -> None:
        """Wait until the client has taken most of it."""


def scope_of(request: BaseRequest, path: str) -> Scope:
    """Return the scope of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": f"{request.version.major}.{request.version.minor}",
        "method": request.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": request.raw_path.partition("?")[2].encode(),
        "headers": [(name.lower(), value) for name, value in request.raw_headers],
        "client": None,
        "server": None,
    }


class Bridge:
    """State of one request on its way through an application."""

    def __init__(self, request: BaseRequest, answer: Answer, origin: str | None = None) -> None:
        self._request = request
        self._extra = _cors_head(origin)
        self._answer = answer
        self._read = False
        self._held: tuple[int, bytes] | None = None
        self._gone = asyncio.Event()

    async def receive(self) -> Message:
        """Return the next piece of the body, then wait for the client to leave."""
        if self._read:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        piece = await self._request.content.readany()
        self._read = not piece
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    async def send(self, message: Message) -> None:
        """Write one message; one to a client that has left is dropped, as its request is about to be cancelled."""
        transport = self._request.transport
        if transport is None or transport.is_closing():
            self._gone.set()
            return
        if message["type"] == "http.response.start":
            self._held = (message["status"], self._extra + head_of(message.get("headers", ())))
            if _is_stream(message):
                self._answer.begin(*self._held)
                self._answer.flush()
        elif message["type"] == "http.response.body":
            await self._send_body(message.get("body", b""), message.get("more_body", False))

    async def _send_body(self, body: bytes, more: bool) -> None:
        if not self._answer.started and self._held is not None:
            if not more:
                self._answer.send(*self._held, body)
                return
            self._answer.begin(*self._held)
        if more:
            self._answer.write(body)
            await self._answer.drain()
        else:
            self._answer.end(body)

    def finish(self) -> None:
        """End what the application left open."""
        if not self._answer.started:
            self._answer.send(500, b"", b"")
        elif not self._answer.ended:
            self._answer.keep_alive = False


def _cors_head(origin: str | None) -> bytes:
    """Return the lines that let a page of an admitted origin read the answer."""
    if origin is None:
        return b""
    lines = (
        f"access-control-allow-origin: {origin}\r\naccess-control-expose-headers: mcp-session-id\r\nvary: origin\r\n"
    )
    return lines.encode("latin-1")


def head_of(headers: Any) -> bytes:
    """Return header lines, without those that every reply has."""
    return b"".join(b"%b: %b\r\n" % (name, value) for name, value in headers if name.lower() not in _OWN_HEADERS)


def _is_stream(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in message.get("headers", ())
    )
