"""Starting, the proxy's own pages, and stopping without breaking streams."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from ccproxy.server.running import start, stop
from server.conftest import Build, config_for
from server.scripted_upstream import ScriptedUpstream, pieces, silent, whole
from server.small_engine import SmallEngine, event

ASK = {"model": "west", "words": "hello", "stream": True}


@pytest.mark.parametrize(("path", "words"), [("/health", b"ok"), ("/", b"ccproxy is running")])
async def test_own_pages(build: Build, path: str, words: bytes) -> None:
    house = await build(whole(b"{}"))

    async with house.client.get(house.url + path) as response:
        assert 200 == response.status
        assert words in await response.read()
    async with house.client.head(house.url + path) as response:
        assert 200 == response.status


async def test_stopping_lets_a_stream_finish(build: Build) -> None:
    house = await build(pieces(event({"text": "a"}), 0.5, event({"text": "b"})))

    async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
        await response.content.readany()
        stopping = asyncio.ensure_future(stop(house.proxy, 5.0))
        await asyncio.sleep(0.1)
        with pytest.raises(aiohttp.ClientConnectorError):
            await aiohttp.ClientSession().get(house.url + "/health")
        rest = await response.read()

    assert event({"words": "b"}) + event({"end": True}) == rest
    await asyncio.wait_for(stopping, 1)


async def test_stopping_waits_only_so_long(build: Build) -> None:
    house = await build(pieces(event({"text": "a"}), 60.0))

    async with house.client.post(f"{house.url}/v1/east", json=ASK) as response:
        await response.content.readany()
        started = time.monotonic()
        await stop(house.proxy, 0.3)

    assert time.monotonic() - started < 2
    await asyncio.wait_for(house.upstream.gone.wait(), 1)


async def test_a_second_signal_ends_at_once(build: Build) -> None:
    house = await build(silent())
    urgent = asyncio.Event()
    asking = asyncio.ensure_future(house.client.post(f"{house.url}/v1/east", json=ASK))
    await house.upstream.reached.wait()

    stopping = asyncio.ensure_future(stop(house.proxy, 60.0, urgent))
    await asyncio.sleep(0.05)
    urgent.set()
    await asyncio.wait_for(stopping, 1)

    with pytest.raises(aiohttp.ClientError):
        await asyncio.wait_for(asking, 1)


async def test_an_idle_connection_does_not_hold_up_the_end(build: Build) -> None:
    house = await build(whole(b'{"text": "a"}'))
    async with house.client.get(house.url + "/health") as response:
        await response.read()

    await asyncio.wait_for(stop(house.proxy, 30.0), 1)


async def test_a_port_that_is_taken_is_an_error(build: Build) -> None:
    house = await build(whole(b"{}"))
    upstream = ScriptedUpstream(silent())
    config = config_for(upstream, port=house.proxy.port)

    with pytest.raises(OSError, match="in use"):
        await start(config, SmallEngine())
