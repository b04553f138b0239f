"""Clients that wait get pings, clients that leave take their upstream request with them."""

from __future__ import annotations

import asyncio
import time

import pytest

from server.conftest import Build, House
from server.scripted_upstream import Asked, pieces, silent, whole
from server.small_engine import event

ASK = {"model": "west", "words": "hello", "stream": True}
DIRECT = {"model": "east", "stream": True}


@pytest.mark.parametrize("body", [ASK, DIRECT])
async def test_pings_before_the_first_byte(build: Build, body: dict[str, object]) -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.35)
        await pieces(event({"text": "a"}))(asked, writer)

    house = await build(slow, keep_alive_every_s=0.1)

    async with house.client.post(f"{house.url}/v1/east", json=body) as response:
        assert 200 == response.status
        text = await response.read()

    assert text.startswith(b": ping\n\n: ping\n\n")
    assert 2 <= text.count(b": ping") <= 4
    assert b"words" in text or b"text" in text


async def test_pings_in_mid_stream(build: Build) -> None:
    house = await build(pieces(event({"text": "a"}), 0.35, event({"text": "b"})), keep_alive_every_s=0.1)

    async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
        text = await response.read()

    assert text.startswith(event({"words": "a"}) + b": ping\n\n")
    assert 2 <= text.count(b": ping") <= 4


async def test_never_pings_inside_a_forwarded_event(build: Build) -> None:
    house = await build(pieces(b"data: 1\n\ndata: ", 0.3, b"2\n\n"), keep_alive_every_s=0.1)

    async with house.client.post(f"{house.url}/v1/east", json=DIRECT) as response:
        text = await response.read()

    assert b"data: 1\n\ndata: 2\n\n" == text.replace(b": ping\n\n", b"")
    assert b": ping" in text


async def test_never_pings_a_client_that_does_not_stream(build: Build) -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        await whole(b'{"text": "a"}')(asked, writer)

    house = await build(slow, keep_alive_every_s=0.1)

    for model in ("west", "east"):
        async with house.client.post(f"{house.url}/v1/east", json={"model": model, "words": "x"}) as response:
            assert b"ping" not in await response.read()


@pytest.mark.parametrize("body", [ASK, DIRECT])
async def test_an_upstream_error_after_pings_ends_the_stream(build: Build, body: dict[str, object]) -> None:
    async def slow(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        await whole(b'{"error": "overloaded"}', status="529 Overloaded")(asked, writer)

    house = await build(slow, keep_alive_every_s=0.1)

    async with house.client.post(f"{house.url}/v1/east", json=body) as response:
        text = await response.read()

    assert text.startswith(b": ping")
    assert b"overloaded" in text
    assert text.endswith(b"\n\n")


async def leave(house: House, body: dict[str, object], after: asyncio.Event) -> float:
    """Ask, leave once `after` is set, and return how long the upstream took to notice."""

    async def ask() -> None:
        async with house.client.post(f"{house.url}/v1/east", json=body) as response:
            await response.content.readany()
            after.set()
            await response.read()

    asking = asyncio.ensure_future(ask())
    await asyncio.wait_for(after.wait(), 2)
    left_at = time.monotonic()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.wait_for(house.upstream.gone.wait(), 2)
    return time.monotonic() - left_at


@pytest.mark.parametrize("model", ["west", "east"])
@pytest.mark.parametrize("stream", [True, False])
async def test_leaving_before_the_answer_cancels_the_upstream(build: Build, model: str, stream: bool) -> None:
    house = await build(silent())

    took = await leave(house, {"model": model, "words": "x", "stream": stream}, house.upstream.reached)

    assert took < 1


@pytest.mark.parametrize("model", ["west", "east"])
async def test_leaving_in_mid_stream_cancels_the_upstream(build: Build, model: str) -> None:
    house = await build(pieces(event({"text": "a"}), 60.0))

    took = await leave(house, {"model": model, "words": "x", "stream": True}, asyncio.Event())

    assert took < 1


async def test_leaving_between_pings_cancels_the_upstream(build: Build) -> None:
    house = await build(silent(), keep_alive_every_s=0.05)

    took = await leave(house, ASK, asyncio.Event())

    assert took < 1


async def test_a_slow_client_slows_the_upstream_down(build: Build) -> None:
    sent = 0

    async def flood(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        piece = event({"text": "x" * 60_000})
        for _ in range(1000):
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            sent += len(piece)

    house = await build(flood)
    async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
        await response.content.readany()
        await asyncio.sleep(0.5)
        response.close()

    assert sent < 40_000_000


async def test_nothing_is_watched_when_nothing_runs(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'))

    async with house.client.post(f"{house.url}/v1/east", json={**ASK, "stream": False}) as response:
        await response.read()

    assert set() == house.proxy.tools.watchman._watches
