"""Real MCP servers behind the models: in one process, from another worker, and never more than is allowed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from ccproxy.config.mcp_settings import McpGroup, McpInject, McpServer, McpSettings
from ccproxy.config.model import Alias, Config, Group, Provider, ServerSettings, Target
from ccproxy.conversion.engine import Engine
from ccproxy.jsontypes import JsonObject
from ccproxy.mcp.for_models import HubTools
from ccproxy.mcp.hub import McpHub
from ccproxy.pipeline.injecting import reason_of
from ccproxy.server.reload import Following
from ccproxy.server.running import Running, start, stop
from ccproxy.server.switches import SwitchFile
from inject.house import Turn, model
from server.scripted_upstream import ScriptedUpstream

SAMPLE = Path(__file__).parent.parent / "mcp_parts" / "sample_server.py"
SERVERS = {name: McpServer(name, command=sys.executable, args=(str(SAMPLE), name)) for name in ("one", "two")}
ECHO = ("call_1", "one_echo", '{"message": "hi"}')
ASK: JsonObject = {"model": "m", "messages": [{"role": "user", "content": "say hi"}]}


@pytest.fixture
async def upstream() -> AsyncIterator[ScriptedUpstream]:
    scripted = ScriptedUpstream(model(Turn("", (ECHO,)), Turn("Done.")))
    await scripted.start()
    yield scripted
    scripted.stop()


def config_of(upstream: ScriptedUpstream, *tools: str) -> Config:
    alias = Alias("m", (Target("p", "m"),))
    return Config(
        server=ServerSettings(port=0),
        providers={"p": Provider("p", "openai-chat", upstream.url, ("key",))},
        groups={"default": Group("default", (alias,))},
        mcp=McpSettings(servers=SERVERS, inject=McpInject(tools=tools)),
    )


async def ask(proxy: Running) -> str:
    url = f"http://127.0.0.1:{proxy.port}/v1/chat/completions"
    async with aiohttp.ClientSession() as client, client.post(url, json=ASK) as response:
        answer = await response.json()
    return str(answer["choices"][0]["message"]["content"])


async def test_a_real_server_answers_the_model(upstream: ScriptedUpstream) -> None:
    proxy = await start(config_of(upstream, "one.echo", "*.only_*"), Engine.load())
    try:
        assert "Done." == await ask(proxy)
    finally:
        await stop(proxy, 1.0)

    first, second = (asked.json() for asked in upstream.asked)
    assert ["one_echo", "only_one", "only_two"] == [tool["function"]["name"] for tool in first["tools"]]
    assert "message" in first["tools"][0]["function"]["parameters"]["properties"]
    assert "one: hi" == second["messages"][-1]["content"]


async def test_another_worker_asks_the_one_that_has_the_servers(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    config = config_of(upstream, "one.echo", "two.only_two")
    workers = []
    try:
        for _ in range(2):
            following = Following(switch_file=SwitchFile(tmp_path / "switches"))
            workers.append(await start(config, Engine.load(), following=following))
        assert "Done." == await ask(workers[1])
    finally:
        for worker in reversed(workers):
            await stop(worker, 1.0)

    assert [None] == [worker.mcp.status() for worker in workers[1:]]
    assert "one: hi" == upstream.asked[1].json()["messages"][-1]["content"]


async def refusal_of(calling: Awaitable[object]) -> str:
    try:
        await calling
    except Exception as failure:
        return reason_of(failure)
    return ""


async def test_only_allowed_tools_can_be_called() -> None:
    settings = McpSettings(
        servers=SERVERS,
        groups={"kids": McpGroup(servers=("two",)), "none": McpGroup(tools=("*.count",))},
        inject=McpInject(tools=("one.echo", "two.echo")),
    )
    hub = McpHub(settings)
    tools = HubTools(hub)
    try:
        listed = {group: [tool["name"] for tool in await tools.tools(group)] for group in ("", "kids", "none")}
        result = await tools.call("kids", "two_echo", {"message": "hi"})
        refused = [
            await refusal_of(tools.call("", "only_one", {})),
            await refusal_of(tools.call("kids", "one_echo", {"message": "hi"})),
        ]
    finally:
        await hub.stop()

    assert {"": ["one_echo", "two_echo"], "kids": ["two_echo"], "none": []} == listed
    assert "two: hi" in json.dumps(result)
    assert ["Unknown tool: only_one", "Unknown tool: one_echo"] == refused


async def test_a_server_of_a_tool_that_is_named_alike_is_not_asked() -> None:
    settings = McpSettings(servers=SERVERS, inject=McpInject(tools=("one.*",)))
    hub = McpHub(settings)
    try:
        names = [tool["name"] for tool in await HubTools(hub).tools("")]
        states = {name: upstream.status()["state"] for name, upstream in hub.upstreams.items()}
    finally:
        await hub.stop()

    assert "only_one" in names
    assert not any("two" in str(name) for name in names)
    assert ("ready", "idle") == (states["one"], states["two"]), states


async def test_a_call_that_is_given_up_ends_in_the_server() -> None:
    settings = McpSettings(servers=SERVERS, inject=McpInject(tools=("one.hang", "one.echo")))
    hub = McpHub(settings)
    tools = HubTools(hub)
    try:
        await tools.tools("")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await tools.call("", "hang", {})
        assert not hub.upstreams["one"].is_busy
        result = await tools.call("", "echo", {"message": "still there"})
    finally:
        await hub.stop()

    assert "still there" in json.dumps(result)


def test_a_pattern_is_of_one_server_only() -> None:
    inject = McpInject(tools=("one.*", "t?o.echo"))

    assert ("one", "two") == inject.narrows(McpGroup(), ["one", "two", "three"]).servers
    assert ("",) == inject.narrows(McpGroup(servers=("three",)), ["one", "two", "three"]).servers
    assert not replace(inject, tools=()).is_for("default")


def test_a_request_while_the_sdk_is_being_loaded() -> None:
    code = """
import asyncio
from ccproxy.config.mcp_settings import McpInject, McpServer, McpSettings
from ccproxy.config.model import Config
from ccproxy.server.mcp_door import McpDoor

async def ask():
    servers = {"one": McpServer("one", command="true")}
    door = McpDoor(Config(mcp=McpSettings(servers=servers, inject=McpInject(tools=("one.*",)))))
    door.start()
    print(await door.tools("default"))
    await door.stop(0.1)

asyncio.run(ask())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)

    assert ("[]", 0) == (done.stdout.strip(), done.returncode), done.stderr
