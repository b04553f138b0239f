"""Policies of a running proxy: what the provider receives, by both paths and by outbound proxies."""

from __future__ import annotations

import asyncio
import json
import re
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from ccproxy.config.loader import load_config
from ccproxy.jsontypes import JsonObject
from ccproxy.server.running import start, stop
from policy.bodies import BODIES
from policy.conftest import Paths
from server.scripted_upstream import Asked, ScriptedUpstream

PATHS = {
    "claude": "/v1/messages",
    "openai-chat": "/v1/chat/completions",
    "openai-responses": "/v1/responses",
    "gemini": "/v1beta/models/{model}:generateContent",
    "ollama": "/api/chat",
}
CONFIG = """\
server: {{ port: 0 }}
providers:
  claude: {{ protocol: claude, base_url: "{url}", keys: [provider-key] }}
  openai-chat: {{ protocol: openai-chat, base_url: "{url}", keys: [provider-key], headers: {{ x-way: "{{uuid}}" }} }}
  openai-responses: {{ protocol: openai-responses, base_url: "{url}", keys: [provider-key] }}
  gemini: {{ protocol: gemini, base_url: "{url}", keys: [provider-key] }}
  ollama: {{ protocol: ollama, base_url: "{url}" }}
groups:
  default:
    prompt: {{ file: prompt.md, models: [via-*] }}
    drop_tools: [Web*]
    temperature_ratio: 0.5
    limits: {{ max_tokens: 777 }}
    parameters: {{ /nested/field: 1, enable_thinking: false }}
    headers: {{ x-conversation: "c-{{conversation}}", x-id: "{{request}}/{{model}}/{{random}}" }}
    aliases:
      "*-claude": claude/m
      "*-openai-chat": openai-chat/m
      "*-openai-responses": openai-responses/m
      "*-gemini": gemini/m
      "*-ollama": ollama/m
      short: {{ targets: [claude/m], max_context: 40 }}
      shorter: {{ targets: [openai-chat/m], max_context: {{ tokens: 40, when_over: reject }} }}
"""


async def refuse(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 X\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
    await writer.drain()


@dataclass
class House:
    url: str
    upstream: ScriptedUpstream
    client: aiohttp.ClientSession

    async def ask(self, protocol: str, model: str, body: JsonObject) -> tuple[int, JsonObject]:
        path = PATHS[protocol].replace("{model}", model)
        sent = {**body, "model": model} if "{model}" not in PATHS[protocol] else body
        async with self.client.post(self.url + path, json=sent) as answer:
            return answer.status, await answer.json(content_type=None)


Build = Callable[[str], Awaitable[House]]


@pytest.fixture
async def build(paths: Paths, tmp_path: Path) -> AsyncIterator[Build]:
    (tmp_path / "prompt.md").write_text("Be brief.\n")
    made: list[Callable[[], Awaitable[None]]] = []

    async def build_house(text: str) -> House:
        upstream = ScriptedUpstream(refuse)
        await upstream.start()
        config, problems = load_config(
            tmp_path / "ccproxy.yaml", {}, {}, paths.engine.protocols, text.format(url=upstream.url)
        )
        assert [] == problems
        proxy = await start(config, paths.engine)
        client = aiohttp.ClientSession()

        async def close() -> None:
            await client.close()
            await stop(proxy, 0.2)
            upstream.stop()

        made.append(close)
        return House(f"http://127.0.0.1:{proxy.port}", upstream, client)

    yield build_house
    for close in made:
        await close()


@pytest.mark.parametrize("target", PATHS)
@pytest.mark.parametrize("source", PATHS)
async def test_providers_get_what_the_group_says(build: Build, paths: Paths, source: str, target: str) -> None:
    house = await build(CONFIG)

    await house.ask(source, f"via-{target}", BODIES[source])

    asked = house.upstream.asked[0]
    body = asked.json()
    assert ({"field": 1}, False) == (body.pop("nested"), body.pop("enable_thinking"))
    meaning = paths.meaning(target, body)
    assert ["Read"] == meaning.tools
    assert meaning.system.endswith("careful.\n\nBe brief.")
    assert (0.5, 777) == (meaning.settings["temperature"], meaning.settings["max_tokens"])
    assert re.fullmatch("c-[0-9a-f]{16}", asked.headers["x-conversation"])
    assert re.fullmatch(r".+/m/[A-Za-z0-9]{8}", asked.headers["x-id"])
    assert "provider-key" in asked.headers.get("authorization", "provider-key") + asked.headers.get("x-api-key", "")


async def test_a_conversation_keeps_its_name_and_a_request_its_own(build: Build) -> None:
    house = await build(CONFIG)

    for _ in range(2):
        await house.ask("openai-chat", "via-openai-chat", BODIES["openai-chat"])

    first, second = (asked.headers for asked in house.upstream.asked[:2])
    assert first["x-conversation"] == second["x-conversation"]
    assert first["x-id"] != second["x-id"]
    assert first["x-way"] != second["x-way"]
    assert re.fullmatch("[0-9a-f-]{36}", first["x-way"])


@pytest.mark.parametrize("source", ["claude", "openai-chat"])
async def test_a_prompt_is_for_the_models_that_it_names(build: Build, source: str) -> None:
    house = await build(CONFIG)

    await house.ask(source, "other-claude", BODIES[source])

    assert b"Be brief." not in house.upstream.asked[0].body
    assert b"WebSearch" not in house.upstream.asked[0].body


@pytest.mark.parametrize("model", ["short", "shorter"])
async def test_refuses_too_much_context_in_the_words_of_the_protocol(build: Build, model: str) -> None:
    house = await build(CONFIG)

    status, answer = await house.ask("claude", model, BODIES["claude"])

    assert (400, [], "invalid_request_error") == (status, house.upstream.asked, answer["error"]["type"])  # type: ignore[index,call-overload]
    assert "this group allows 40" in json.dumps(answer)


async def test_keys_go_by_their_own_outbound_proxies(build: Build) -> None:
    by = ScriptedUpstream(refuse)
    await by.start()
    text = textwrap.dedent("""\
        server: {{ port: 0 }}
        providers:
          one:
            protocol: openai-chat
            base_url: "{url}"
            http_proxy: none
            keys: [first-key, {{ key: second-key, http_proxy: "http://me:secret@127.0.0.1:PORT" }}]
        groups: {{ default: {{ aliases: {{ "*": one/m }} }} }}
        """)
    house = await build(text.replace("PORT", str(by.port)))

    for _ in range(4):
        await house.ask("openai-chat", "m", {"messages": [{"role": "user", "content": "Hi"}]})
    by.stop()

    assert {"Bearer first-key"} == {asked.headers["authorization"] for asked in house.upstream.asked}
    assert {"Bearer second-key"} == {asked.headers["authorization"] for asked in by.asked}
    assert by.asked[0].path.startswith(f"{house.upstream.url}/chat/completions")
    assert "proxy-authorization" in by.asked[0].headers
