"""The hub inside the proxy: keys, groups, health, workers, and nothing of it without servers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

import mcp
from ccproxy.config.mcp_settings import McpGroup, McpSettings
from ccproxy.config.model import AccessKey, Config, Group, ServerSettings
from ccproxy.server.reload import Following
from ccproxy.server.running import Running, start, stop
from ccproxy.server.switches import SwitchFile
from server.small_engine import SmallEngine

StartProxy = Callable[..., Awaitable[Running]]
KEYS = tuple(
    AccessKey(name, sha256(name.encode()).digest(), groups) for name, groups in (("all", ()), ("few", ("kids",)))
)


@pytest.fixture
async def proxy(program: Any) -> AsyncIterator[StartProxy]:
    """Start proxies with two servers, and stop them after the test."""
    started: list[Running] = []

    async def make(folder: Path | None = None, **settings: Any) -> Running:
        servers = {name: program(name) for name in ("one", "two")}
        config = Config(
            server=ServerSettings(port=0),
            access=KEYS,
            groups={name: Group(name) for name in ("default", "kids")},
            mcp=McpSettings(servers=servers, groups={"kids": McpGroup(servers=("two",))}),
        )
        following = Following(switch_file=SwitchFile(folder / "switches" if folder else None))
        running = await start(replace(config, **settings), SmallEngine(), following=following)
        started.append(running)
        return running

    yield make
    for running in started:
        await stop(running, 1.0)


def client(running: Running, path: str = "/mcp/http", key: str = "all", **more: Any) -> mcp.Client:
    http = create_mcp_http_client(headers={"Authorization": f"Bearer {key}"})
    url = f"http://127.0.0.1:{running.port}{path}"
    return mcp.Client(streamable_http_client(url, http_client=http), **more)


async def status_of(running: Running, path: str, **headers: str) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{running.port}{path}", json={}, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_keys_of_the_models_open_the_tools(proxy: StartProxy, mode: str) -> None:
    running = await proxy()

    async with client(running, mode=mode) as all_tools, client(running, "/kids/mcp/http", "few", mode=mode) as few:
        everything = {tool.name for tool in (await all_tools.list_tools()).tools}
        kids = {tool.name for tool in (await few.list_tools()).tools}

    assert {"one_echo", "two_echo"} <= everything
    assert {name for name in everything if "one" not in name} == kids


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/mcp/http", None, 401),
        ("/mcp/http", "wrong", 401),
        ("/mcp/http", "few", 403),
        ("/nobody/mcp/http", "all", 404),
        ("/a/b/mcp/http", "all", 404),
        ("/mcp/messages", "all", 404),
        ("/mcp/sse", "all", 405),
    ],
)
async def test_who_may_not_come_in(proxy: StartProxy, path: str, key: str | None, status: int) -> None:
    running = await proxy()

    assert status == await status_of(running, path, **({"authorization": f"Bearer {key}"} if key else {}))


async def test_health_tells_how_servers_are(proxy: StartProxy) -> None:
    running = await proxy()
    async with client(running) as tools:
        await tools.list_tools()

    url = f"http://127.0.0.1:{running.port}/health"
    async with aiohttp.ClientSession() as session, session.get(url, headers={"authorization": "Bearer all"}) as answer:
        health = await answer.json()
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        public = await answer.json()

    assert {"one", "two"} == set(health["mcp"]["servers"])
    assert "ready" == health["mcp"]["servers"]["one"]["state"]
    assert "mcp" not in public


async def test_other_settings_are_taken_while_it_runs(proxy: StartProxy, program: Any) -> None:
    running = await proxy()
    async with client(running) as tools:
        await tools.list_tools()
    config = running.current.given
    new = replace(config, mcp=replace(config.mcp, servers={"three": program("three")}))

    running.current.adopt(new, running.current.engine)

    async with client(running) as tools:
        assert "only_three" in {tool.name for tool in (await tools.list_tools()).tools}


async def test_workers_share_one_hub(proxy: StartProxy, tmp_path: Path) -> None:
    owner, other = await proxy(tmp_path), await proxy(tmp_path)

    async def red(_context: object, _params: object) -> mcp.types.ElicitResult:
        return mcp.types.ElicitResult(action="accept", content={"colour": "red"})

    async with client(other, mode="legacy", elicitation_callback=red) as tools:
        result = await tools.call_tool("one_ask_colour", {})
        sessions = (owner.mcp.status() or {})["sessions"]

    assert "accept: red" == result.content[0].text
    assert (1, None) == (sessions, other.mcp.status())


async def test_the_hub_moves_when_its_worker_ends(proxy: StartProxy, tmp_path: Path) -> None:
    owner, other = await proxy(tmp_path), await proxy(tmp_path)
    async with client(other) as tools:
        await tools.list_tools()
    await stop(owner, 1.0)

    async with client(other) as tools:
        result = await tools.call_tool("one_echo", {"message": "x"})

    assert "one: x" == result.content[0].text
    assert other.mcp.status() is not None


def test_the_sdk_is_loaded_only_for_servers() -> None:
    code = "import sys, ccproxy.cli.serve, ccproxy.server.running; print(int('mcp' in sys.modules))"

    assert (
        "0" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    )
