"""A running proxy in front of one scripted provider for each protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from ccproxy.config.model import Alias, Config, Group, Provider, ServerSettings, Target
from ccproxy.conversion.engine import Engine
from ccproxy.datadirs import find_data_dirs
from ccproxy.jsontypes import Json, JsonObject
from ccproxy.server.running import start, stop
from server.scripted_upstream import Asked, ScriptedUpstream

UPSTREAMS = ("claude", "gemini", "ollama", "openai-chat", "openai-responses")
VECTOR = [0.5, -0.25, 2.0]


@dataclass
class House:
    """The proxy, its providers (one group for each, of its name) and a client."""

    url: str
    upstream: ScriptedUpstream
    client: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: Json = None, headers: dict[str, str] | None = None) -> JsonObject:
        status, answer = await self.answer(method, path, body, headers)
        assert status == 200, answer
        return answer

    async def answer(
        self, method: str, path: str, body: Json = None, headers: dict[str, str] | None = None
    ) -> tuple[int, JsonObject]:
        async with self.client.request(method, self.url + path, json=body, headers=headers) as response:
            return response.status, await response.json()


def reply_to(asked: Asked) -> tuple[int, Json]:
    """What a provider says; unlike any canned answer, vectors come once for each input."""
    body = asked.json() if asked.body else {}
    path = asked.path
    if path.endswith(("/count_tokens", "/input_tokens")):
        return 200, {"input_tokens": 4321}
    if path.endswith(":countTokens"):
        return 200, {"totalTokens": 4321}
    if path.endswith(":batchEmbedContents"):
        requests = body["requests"]
        assert isinstance(requests, list)
        return 200, {"embeddings": [{"values": VECTOR}] * len(requests), "usageMetadata": {"promptTokenCount": 7}}
    if path.endswith(":embedContent"):
        return 200, {"embedding": {"values": VECTOR}}
    if path.endswith("/api/embeddings"):
        return 200, {"embedding": VECTOR}
    if path.endswith("/messages"):
        said = body["messages"][-1]["content"]  # type: ignore[index,call-overload]
        words = said if isinstance(said, str) else said[0]["text"]  # type: ignore[index,call-overload]
        usage = {"input_tokens": 3, "output_tokens": 2}
        content = [{"type": "text", "text": f"{words}!"}]
        return 200, {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
                     "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}  # fmt: skip
    given = body.get("input")
    count = len(given) if isinstance(given, list) else 1
    if path.endswith("/api/embed"):
        return 200, {"model": body["model"], "embeddings": [VECTOR] * count, "prompt_eval_count": 7}
    if path.endswith("/embeddings"):
        data = [{"object": "embedding", "index": index, "embedding": VECTOR} for index in range(count)]
        usage = {"prompt_tokens": 7, "total_tokens": 7}
        return 200, {"object": "list", "data": data, "model": body["model"], "usage": usage}
    return 404, {"error": {"message": f"no {path}", "type": "not_found", "code": 404}}


async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
    status, answer = reply_to(asked)
    body = json.dumps(answer).encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine.load(*find_data_dirs("mappings", environ={}))


@pytest.fixture
async def house(engine: Engine) -> AsyncIterator[House]:
    upstream = ScriptedUpstream(script)
    await upstream.start()
    providers = {name: Provider(name, name, f"{upstream.url}/{name}", ("provider-key",)) for name in UPSTREAMS}
    groups = {
        name: Group(name, (Alias("short", (Target(name, f"{name}-model"),)), Alias("gpt-5*", (Target(name, "*"),))))
        for name in UPSTREAMS
    }
    proxy = await start(Config(server=ServerSettings(port=0), providers=providers, groups=groups), engine)
    client = aiohttp.ClientSession()
    yield House(f"http://127.0.0.1:{proxy.port}", upstream, client)
    await client.close()
    await stop(proxy, 0.2)
    upstream.stop()
