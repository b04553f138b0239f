"""Tools go as text where the path, the group or the provider's own refusal says so; clients see native calls."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from ccproxy.config.model import Alias, Config, Group, Provider, ServerSettings, Target
from ccproxy.conversion.engine import Engine
from ccproxy.jsontypes import JsonObject
from ccproxy.policy.policy import Policy
from ccproxy.server.running import start, stop
from server.scripted_upstream import Asked, Script, ScriptedUpstream, pieces, whole

TOOL = {
    "name": "look",
    "description": "Look something up.",
    "input_schema": {"type": "object", "properties": {"word": {"type": "string"}}},
}
ASK = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": "look up x"}], "tools": [TOOL]}
CALL = '<tool_call>{"name": "look", "arguments": {"word": "x"}}</tool_call>'
BROKEN = '<tool_call>{"name": "launch_rocket", "arguments": {"to": "Mars"}}</tool_call>'
REFUSAL = b'{"error": {"message": "registry.ollama.ai/library/m does not support tools", "type": "api_error"}}'


def chat(text: str) -> Script:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return whole(
        json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}).encode()
    )


def chat_stream(text: str) -> Script:
    def event(delta: JsonObject, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return b"data: " + json.dumps(body).encode() + b"\n\n"

    letters = [event({"content": letter}) for letter in text]
    return pieces(*letters, event({}, "stop"), b"data: [DONE]\n\n")


def in_turn(*scripts: Script) -> Script:
    left = list(scripts)

    async def script(asked: Asked, writer) -> None:  # type: ignore[no-untyped-def]
        await (left.pop(0) if len(left) > 1 else left[0])(asked, writer)

    return script


@asynccontextmanager
async def house(
    script: Script, tool_mode: str = "", model: str = "m", protocol: str = "openai-chat"
) -> AsyncIterator[tuple[str, ScriptedUpstream]]:
    upstream = ScriptedUpstream(script)
    await upstream.start()
    providers = {"p": Provider("p", protocol, upstream.url, ("key-of-provider",))}
    alias = Alias("m", (Target("p", model),), policy=Policy(tool_mode=tool_mode))
    groups = {name: Group(name, (alias,)) for name in ("default", "team")}
    proxy = await start(Config(server=ServerSettings(port=0), providers=providers, groups=groups), Engine.load())
    try:
        yield f"http://127.0.0.1:{proxy.port}", upstream
    finally:
        await stop(proxy, 0.2)
        upstream.stop()


async def ask(url: str, body: JsonObject) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as client, client.post(url, json=body) as response:
        return response.status, await response.read()


def calls_in(told: bytes) -> list[object]:
    content = json.loads(told)["content"]
    return [(block["name"], block["input"]) for block in content if block["type"] == "tool_use"]


@pytest.mark.parametrize("path", ["/compat", "/compat_mode", "/team/compat", "/team/compat_mode", "/switch/compat"])
async def test_the_path_asks_for_it(path: str) -> None:
    async with house(chat("Well. " + CALL)) as (root, upstream):
        status, told = await ask(f"{root}{path}/v1/messages", ASK)

    assert 200 == status
    assert [("look", {"word": "x"})] == calls_in(told)
    assert "tool_use" == json.loads(told)["stop_reason"]
    sent = upstream.asked[0].json()
    assert "tools" not in sent
    assert "look" in json.dumps(sent["messages"])


@pytest.mark.parametrize(
    ("tool_mode", "path", "model", "by_text"),
    [
        ("compat", "", "m", True),
        ("native", "/compat", "m", False),
        ("", "", "m", False),
        ("auto", "", "m", True),  # nothing says that it has tools
        ("auto", "", "deepseek-chat", False),  # a table says so
    ],
)
async def test_the_group_asks_for_it(tool_mode: str, path: str, model: str, by_text: bool) -> None:
    async with house(chat("hello"), tool_mode, model) as (root, upstream):
        status, _ = await ask(f"{root}{path}/v1/messages", ASK)

    assert 200 == status
    assert by_text == ("tools" not in upstream.asked[0].json())


async def test_a_client_of_the_providers_own_protocol_is_not_passed_on() -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": TOOL["input_schema"]}}
    body: JsonObject = {"model": "m", "messages": [{"role": "user", "content": "x"}], "tools": [tool]}
    async with house(chat(CALL)) as (root, upstream):
        _, told = await ask(f"{root}/compat/v1/chat/completions", body)

    choice = json.loads(told)["choices"][0]
    assert "tool_calls" == choice["finish_reason"]
    assert {"word": "x"} == json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"])
    assert "tools" not in upstream.asked[0].json()


async def test_a_stream_of_letters_becomes_a_call() -> None:
    async with house(chat_stream("Let me see. " + CALL)) as (root, _):
        status, told = await ask(f"{root}/compat/v1/messages", {**ASK, "stream": True})

    assert 200 == status
    assert b'"type":"tool_use"' in told
    assert b'"stop_reason":"tool_use"' in told
    assert b"tool_call>" not in told


@pytest.mark.parametrize("client", ["/v1/messages", "/v1/chat/completions"])
async def test_a_refusal_of_tools_is_learned(client: str) -> None:
    body: JsonObject = ASK
    if "chat" in client:
        function = {"name": "look", "parameters": TOOL["input_schema"]}
        body = {**ASK, "tools": [{"type": "function", "function": function}]}
    refusal = whole(REFUSAL, status="400 Bad Request")
    async with house(in_turn(refusal, chat(CALL))) as (root, upstream):
        first = await ask(f"{root}{client}", body)
        second = await ask(f"{root}{client}", body)

    assert [200, 200] == [first[0], second[0]]
    assert b"look" in first[1]
    assert [True, False, False] == ["tools" in asked.json() for asked in upstream.asked]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_that_is_not_understood_is_asked_for_once_more(stream: bool) -> None:
    said = chat_stream if stream else chat
    async with house(in_turn(said(BROKEN), said(CALL))) as (root, upstream):
        status, told = await ask(f"{root}/compat/v1/messages", {**ASK, "stream": stream})

    assert 200 == status
    assert b'"look"' in told
    assert b'x"' in told
    assert 2 == len(upstream.asked)
    asked_again = upstream.asked[1].json()["messages"]
    assert isinstance(asked_again, list)
    assert BROKEN in json.dumps(asked_again[-2]).replace('\\"', '"')
    assert "user" == asked_again[-1]["role"]  # type: ignore[index, call-overload]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_not_understood_twice_is_given_as_text(stream: bool) -> None:
    said = chat_stream if stream else chat
    async with house(said(BROKEN)) as (root, upstream):
        status, told = await ask(f"{root}/compat/v1/messages", {**ASK, "stream": stream})

    assert 200 == status
    assert 2 == len(upstream.asked)
    assert b"launch_rocket" in told
    assert b"end_turn" in told
    assert b'"tool_use"' not in told


@pytest.mark.parametrize(("abilities", "by_text"), [(["completion", "tools"], False), (["completion"], True)])
async def test_a_runtime_is_asked_what_its_model_can_do(abilities: list[str], by_text: bool) -> None:
    answer = whole(
        b'{"model": "m", "message": {"role": "assistant", "content": "hi"}, "done": true, "done_reason": "stop"}'
    )
    show = whole(json.dumps({"capabilities": abilities, "details": {"family": "x"}}).encode())

    async def script(asked: Asked, writer) -> None:  # type: ignore[no-untyped-def]
        await (show if asked.path == "/api/show" else answer)(asked, writer)

    async with house(script, "auto", protocol="ollama") as (root, upstream):
        for _ in range(2):
            status, _ = await ask(f"{root}/v1/messages", ASK)

    assert 200 == status
    assert ["/api/show", "/api/chat", "/api/chat"] == [asked.path for asked in upstream.asked]
    assert by_text == ("tools" not in upstream.asked[1].json())
