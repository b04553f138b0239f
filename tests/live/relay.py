"""A relay on loopback that keeps what goes through it: requests, and answers with the boundaries of their pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

PASSED_ON = ("content-type",)


@dataclass
class Passed:
    """One request and its answer."""

    path: str
    request: bytes
    status: int = 0
    content_type: str = ""
    pieces: list[bytes] = field(default_factory=list)


@dataclass
class Relay:
    """Requests to `url` are answered by another server; `passed` are those that went through."""

    url: str
    passed: list[Passed] = field(default_factory=list)


@asynccontextmanager
async def relay_to(upstream: str) -> AsyncIterator[Relay]:
    relay = Relay("")
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            passed = Passed(request.path_qs, await request.read())
            relay.passed.append(passed)
            headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
            async with session.request(
                request.method, upstream + request.path_qs, data=passed.request or None, headers=headers
            ) as answer:
                passed.status, passed.content_type = answer.status, answer.content_type
                reply = web.StreamResponse(status=answer.status, headers={"content-type": answer.content_type})
                await reply.prepare(request)
                async for piece in whole_pieces(answer):
                    passed.pieces.append(piece)
                    await reply.write(piece)
                return reply

        runner = web.ServerRunner(web.Server(handle))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        relay.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield relay
        await runner.cleanup()


async def whole_pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The body as the upstream cut it, whatever the network did to it."""
    piece = b""
    async for part, ends in answer.content.iter_chunks():
        piece += part
        if ends and piece:
            yield piece
            piece = b""
    if piece:
        yield piece
