"""Many streams at once: a client that does not read holds up nobody else, and its provider waits for it."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from server.fleet import Member, fleet
from server.scripted_upstream import Asked
from server.small_engine import event

STREAMS = 200
EVENTS = 50
FLOOD_BYTES = 24 << 20
ASK = {"model": "m", "words": "w", "stream": True}
PIECE = event({"text": "x" * 4000})


async def begin(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    await writer.drain()


async def send(writer: asyncio.StreamWriter, piece: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
    await writer.drain()


class Crowd:
    """A provider that floods whoever asks first and streams a little to all others."""

    def __init__(self) -> None:
        self.flooded = 0
        self.asked_first = True

    async def __call__(self, _asked: Asked, writer: asyncio.StreamWriter) -> None:
        await begin(writer)
        if self.asked_first:
            self.asked_first = False
            while self.flooded < FLOOD_BYTES:
                await send(writer, PIECE)
                self.flooded += len(PIECE)
        else:
            for number in range(EVENTS):
                await send(writer, event({"text": f"{number}"}))
                await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")
        await writer.drain()


@pytest.mark.parametrize("protocol", ["east", "west"])
async def test_two_hundred_streams_beside_one_that_nobody_reads(protocol: str) -> None:
    crowd = Crowd()
    async with fleet(Member("only", [crowd], protocol)) as house:
        url = f"http://127.0.0.1:{house.proxy.port}/v1/east"
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, read_bufsize=1 << 14) as client:
            response = await client.post(url, json=ASK)
            quick = await asyncio.gather(*(read(client, url) for _ in range(STREAMS)))
            held_at = crowd.flooded
            await asyncio.sleep(0.1)

            assert all(body.count(b"data:") >= EVENTS for body in quick)
            assert held_at < FLOOD_BYTES / 2
            assert held_at == crowd.flooded  # the provider waits for the client that does not read
            total = len(await response.read())
        assert total >= FLOOD_BYTES
    assert STREAMS + 1 == len(house.facts)
    assert {200} == {facts.status for facts in house.facts}


async def read(client: aiohttp.ClientSession, url: str) -> bytes:
    async with client.post(url, json=ASK) as response:
        body: bytes = await response.read()
        return body
