"""A conversation that a model of another protocol began goes on with one of the client's own."""

from __future__ import annotations

import aiohttp
import pytest

from ccproxy.config.model import Alias, Config, Group, Provider, ServerSettings, Target
from ccproxy.conversion.engine import Engine
from ccproxy.server.running import start, stop
from server.scripted_upstream import ScriptedUpstream, whole

ANSWER = (
    b'{"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",'
    b' "stop_sequence": null, "content": [{"type": "text", "text": "on"}],'
    b' "usage": {"input_tokens": 3, "output_tokens": 1}}'
)


def conversation(signature: str) -> dict[str, object]:
    thought = {"type": "thinking", "thinking": "hm", "signature": signature}
    return {
        "model": "m",
        "max_tokens": 100,
        "messages": [
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": [thought, {"type": "text", "text": "two"}]},
            {"role": "user", "content": "three"},
        ],
    }


@pytest.mark.parametrize(
    ("signature", "way", "types"),
    [('@gemini:{"signature":"abc"}', "converted", ["text"]), ("EuAB", "direct", ["thinking", "text"])],
)
async def test_foreign_signatures_do_not_reach_a_provider_of_the_same_protocol(
    signature: str, way: str, types: list[str]
) -> None:
    upstream = ScriptedUpstream(whole(ANSWER))
    await upstream.start()
    providers = {"own": Provider("own", "claude", upstream.url, ("key-of-provider",))}
    group = Group("default", (Alias("*", (Target("own", "m"),)),))
    proxy = await start(
        Config(server=ServerSettings(port=0), providers=providers, groups={"default": group}), Engine.load()
    )
    try:
        async with aiohttp.ClientSession() as client:
            url = f"http://127.0.0.1:{proxy.port}/v1/messages"
            async with client.post(url, json=conversation(signature)) as response:
                told = await response.json()
    finally:
        await stop(proxy, 0.2)
        upstream.stop()

    assert [{"type": "text", "text": "on"}] == told["content"]
    assert way == response.headers["x-ccproxy-path"]
    sent = upstream.asked[0].json()["messages"][1]["content"]  # type: ignore[index, call-overload]
    assert types == [block["type"] for block in sent]
