"""A conversation stays with one key and target while it answers; others are spread over all."""

from __future__ import annotations

import json

import aiohttp
import pytest

from ccproxy.config.model import Alias, Config, Group, Provider, Resilience, ServerSettings, Target
from ccproxy.conversion.engine import Engine
from ccproxy.routing.rotation import Rotation, Turn
from ccproxy.server.running import start, stop
from server.scripted_upstream import ScriptedUpstream, whole

KEYS = ("a", "b", "c", "d")
TURNS = [Turn(Provider("p", "east", "http://p", KEYS), number, key, "m") for number, key in enumerate(KEYS)]


def test_a_conversation_has_its_own_order_in_every_process() -> None:
    one, other = Rotation(TURNS), Rotation(TURNS)

    for number in range(50):
        order = one.order(b"conversation %d" % number)
        assert order == other.order(b"conversation %d" % number)
        assert set(KEYS) == {turn.key for turn in order}


def test_conversations_are_spread() -> None:
    first = [Rotation(TURNS).order(b"conversation %d" % number)[0].key for number in range(400)]

    assert all(60 <= first.count(key) <= 140 for key in KEYS)


def test_it_is_off_unless_asked_for() -> None:
    assert not Resilience().sticky


@pytest.mark.parametrize("sticky", [True, False])
async def test_requests_of_one_conversation_use_one_key(sticky: bool) -> None:
    answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    choice = {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}
    upstream = ScriptedUpstream(whole(json.dumps({**answer, "choices": [choice]}).encode()))
    await upstream.start()
    config = Config(
        server=ServerSettings(port=0),
        providers={"p": Provider("p", "openai-chat", upstream.url, KEYS)},
        groups={"default": Group("default", (Alias("*", (Target("p", "m"),)),))},
        resilience=Resilience(sticky=sticky),
    )
    proxy = await start(config, Engine.load())
    said = [{"role": "user", "content": "first words"}]
    try:
        async with aiohttp.ClientSession() as client:
            for number in range(8):
                body = {"model": "m", "max_tokens": 9, "messages": said}
                url = f"http://127.0.0.1:{proxy.port}/v1/messages"
                async with client.post(url, json=body) as response:
                    assert 200 == response.status
                said = [*said, {"role": "assistant", "content": "hi"}, {"role": "user", "content": f"more {number}"}]
    finally:
        await stop(proxy, 0.2)
        upstream.stop()

    used = {asked.headers["authorization"] for asked in upstream.asked}
    assert (1 if sticky else len(KEYS)) == len(used)
