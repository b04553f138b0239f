"""Connections on real sockets: reuse, silence, tunnels, and what servers do wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from ccproxy.config.model import Provider, Timeouts
from ccproxy.mapping.protocol import build_protocol
from ccproxy.upstream.connection import Connection
from ccproxy.upstream.endpoint import Endpoint, build_endpoint
from ccproxy.upstream.head import BrokenAnswerError, Head
from ccproxy.upstream.pool import Pool

PROTOCOL = build_protocol({"protocol": "p", "operations": {"chat": {"routes": [], "upstream": {"path": "/say"}}}})
REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@dataclass
class Collected:
    """Collects an answer."""

    head: Head | None = None
    pieces: list[bytes] = field(default_factory=list)
    error: Exception | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def on_head(self, head: Head) -> None:
        self.head = head

    def on_data(self, data: bytes, last: bool) -> None:
        self.pieces.append(data)
        if last:
            self.done.set()

    def on_failure(self, error: Exception) -> None:
        self.error = error
        self.done.set()


Serve = Callable[..., Awaitable[Endpoint]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[asyncio.Server] = []

    async def start(*answers: bytes, close: bool = False) -> Endpoint:
        async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while not reader.at_eof():
                try:
                    await reader.readuntil(b"\r\n\r\n")
                except asyncio.IncompleteReadError:
                    break
                for piece in answers:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.005)
                if close:
                    break
            writer.close()

        servers.append(await asyncio.start_server(play, "127.0.0.1", 0))
        port = servers[-1].sockets[0].getsockname()[1]
        provider = Provider("here", "p", f"http://127.0.0.1:{port}", timeouts=Timeouts(connect_s=2))
        return build_endpoint(provider, None, "m", PROTOCOL, PROTOCOL.operations["chat"], {})

    yield start
    for server in servers:
        server.close()


async def ask(connection: Connection) -> Collected:
    collected = Collected()
    connection.send(REQUEST, collected)
    await asyncio.wait_for(collected.done.wait(), 2)
    return collected


async def test_a_connection_is_used_again(serve: Serve) -> None:
    endpoint = await serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
    pool = Pool()

    first = await pool.open(endpoint)
    assert [b"hi"] == (await ask(first)).pieces

    again = pool.take(endpoint.origin)
    assert first is again
    assert pool.take(endpoint.origin) is None
    assert again is not None
    assert [b"hi"] == (await ask(again)).pieces
    pool.close()


async def test_an_answer_in_small_pieces(serve: Serve) -> None:
    answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    endpoint = await serve(*(answer[i : i + 7] for i in range(0, len(answer), 7)))

    collected = await ask(await Pool().open(endpoint))

    assert (200, b"hi") == (collected.head and collected.head.status, b"".join(collected.pieces))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\n\r\nhi",
    ],
)
async def test_a_connection_that_closes_is_not_used_again(serve: Serve, answer: bytes) -> None:
    endpoint = await serve(answer, close=True)
    pool = Pool()

    collected = await ask(await pool.open(endpoint))

    assert b"hi" == b"".join(collected.pieces)
    assert pool.take(endpoint.origin) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", ConnectionResetError),
        (b"HTTP/1.1 200 OK\r\n", ConnectionResetError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhi", BrokenAnswerError),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhi", BrokenAnswerError),
        (b"SSH-2.0-OpenSSH\r\n\r\n", BrokenAnswerError),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, BrokenAnswerError),
    ],
)
async def test_an_answer_that_breaks_is_a_failure(serve: Serve, answer: bytes, kind: type[Exception]) -> None:
    endpoint = await serve(answer, close=True)

    collected = await ask(await Pool().open(endpoint))

    assert isinstance(collected.error, kind)


async def test_bytes_that_nobody_asked_for_close_the_connection(serve: Serve) -> None:
    endpoint = await serve(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b"HTTP/1.1 408 Bye\r\n\r\n")
    pool = Pool()

    await ask(await pool.open(endpoint))
    await asyncio.sleep(0.1)

    assert pool.take(endpoint.origin) is None


async def test_a_tunnel_is_asked_for_with_credentials() -> None:
    asked = asyncio.Event()
    request = b""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal request
        request = await reader.readuntil(b"\r\n\r\n")
        asked.set()
        writer.write(b"HTTP/1.1 407 No\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    proxies = {"https": f"http://me:pw@127.0.0.1:{server.sockets[0].getsockname()[1]}"}
    provider = Provider("here", "p", "https://host.example/v1", timeouts=Timeouts(connect_s=2))
    endpoint = build_endpoint(provider, None, "m", PROTOCOL, PROTOCOL.operations["chat"], proxies)

    with pytest.raises(BrokenAnswerError, match="407"):
        await Pool().open(endpoint)

    assert request.startswith(b"CONNECT host.example:443 HTTP/1.1\r\nhost: host.example:443\r\n")
    assert b"proxy-authorization: Basic bWU6cHc=\r\n" in request
    server.close()
