"""A server that dies, hangs, floods or lists too much harms nobody else."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import pytest

import mcp
from ccproxy.config.mcp_settings import McpServer


async def test_a_server_that_is_killed_in_a_call_comes_back(open_hub: Any, program: Any, caplog: Any) -> None:
    caplog.set_level("INFO", "ccproxy.mcp")
    hub = await open_hub(program("one"), program("two"))

    async with mcp.Client(hub.url, mode="legacy") as client:
        await client.list_tools()
        died = await client.call_tool("one_die", {})
        other = await client.call_tool("two_echo", {"message": "x"})
        again = await client.call_tool("one_echo", {"message": "x"})

    assert died.is_error
    assert "went away during the request" in died.content[0].text
    assert ("two: x", "one: x") == (other.content[0].text, again.content[0].text)
    assert 1 == hub.hub.status()["servers"]["one"]["restarts"]
    assert "mcp server one: about to die" in caplog.text


async def test_a_call_without_an_answer_ends(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one", timeout_s=0.5), program("two"))

    async with mcp.Client(hub.url, mode="legacy") as client:
        await client.list_tools()
        started = time.monotonic()
        hanging, other = await asyncio.gather(
            client.call_tool("one_hang", {}), client.call_tool("two_echo", {"message": "x"})
        )

    assert time.monotonic() - started < 5
    assert hanging.is_error
    assert "did not answer within 0.5 s" in hanging.content[0].text
    assert "two: x" == other.content[0].text


@pytest.mark.parametrize(
    "dead",
    [
        McpServer("dead", command="/nonexistent/program"),
        McpServer("dead", command="true"),
        McpServer("dead", command="sleep", args=("600",), connect_s=1.0),
        McpServer("dead", url="http://127.0.0.1:9/mcp", own_sessions=True),
        McpServer("dead", url="http://127.0.0.1:9/sse", sse=True),
    ],
    ids=["missing", "ends at once", "silent", "closed port", "closed port of the older kind"],
)
async def test_a_dead_server_does_not_keep_the_others(open_hub: Any, program: Any, dead: McpServer) -> None:
    hub = await open_hub(program("one"), dead)

    async with mcp.Client(hub.url, mode="legacy") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        started = time.monotonic()
        await client.list_tools()

    assert "echo" in names
    assert time.monotonic() - started < 0.5
    status = hub.hub.status()["servers"]["dead"]
    assert "failed" == status["state"], status
    assert status["error"]


async def test_a_flood_slows_its_own_server_only(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"), program("two"))

    async with mcp.Client(hub.url, mode="legacy") as client:
        await client.list_tools()
        flooding = asyncio.create_task(client.call_tool("one_flood", {"messages": 1500}))
        await asyncio.sleep(0.3)
        waits = []
        for _ in range(10):
            started = time.monotonic()
            await client.call_tool("two_echo", {"message": "x"})
            waits.append(time.monotonic() - started)
        result = await flooding

    assert max(waits) < 1.0, waits
    assert "flooded" == result.content[0].text


async def test_a_thousand_tools(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one", env={"MORE_TOOLS": "1000"}), page_size=400)
    names: list[str] = []
    cursor = None

    async with mcp.Client(hub.url, mode="legacy") as client:
        while True:
            page = await client.list_tools(cursor=cursor)
            names += [tool.name for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                break
        result = await client.call_tool("extra_0999", {})

    assert 1000 == sum(name.startswith("extra_") for name in names)
    assert "one" == result.structured_content["server"]


async def test_a_hundred_sessions_at_once(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))

    async def use(number: int) -> str:
        async with mcp.Client(hub.url, mode="legacy") as client:
            await client.list_tools()
            result = await client.call_tool("echo", {"message": str(number)})
            return str(result.content[0].text)

    answers = await asyncio.gather(*(use(number) for number in range(100)))

    assert [f"one: {number}" for number in range(100)] == answers
    status = hub.hub.status()
    assert (0, 1) == (status["sessions"], status["servers"]["one"]["connections"])


async def test_a_program_gets_only_what_is_configured(
    open_hub: Any, program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "CCPROXY_TEST_SECRET", "secret")
    hub = await open_hub(program("one", env={"GIVEN": "given"}))

    async with mcp.Client(hub.url, mode="legacy") as client:
        result = await client.call_tool("only_one", {})

    assert {"server": "one", "secret": None, "given": "given"} == result.structured_content


async def test_the_proxy_does_not_stand_behind_itself(open_hub: Any, program: Any, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/mcp/http"
    hub = await open_hub(program("one"), McpServer("self", url=url, own_sessions=True), port=unused_tcp_port)

    async with mcp.Client(hub.url, mode="legacy") as client:
        names = [tool.name for tool in (await client.list_tools()).tools]

    assert len(names) == len(set(names)) == 9
    assert "leads back to this proxy" in hub.hub.status()["servers"]["self"]["error"]


async def test_two_proxies_do_not_stand_behind_each_other(
    open_hub: Any, program: Any, unused_tcp_port_factory: Any
) -> None:
    ports = unused_tcp_port_factory(), unused_tcp_port_factory()
    urls = [f"http://127.0.0.1:{port}/mcp/http" for port in ports]
    first = await open_hub(program("one"), McpServer("next", url=urls[1], own_sessions=True), port=ports[0])
    second = await open_hub(program("two"), McpServer("next", url=urls[0], own_sessions=True), port=ports[1])

    async with mcp.Client(second.url, mode="legacy") as client:
        await client.list_tools()
    async with mcp.Client(first.url, mode="legacy") as client:
        await client.list_tools()
        await asyncio.sleep(1)
        count = len((await client.list_tools()).tools)

    errors = [str(hub.hub.status()["servers"]["next"].get("error")) for hub in (first, second)]
    assert any("leads back" in error for error in errors), errors
    assert count <= 18


async def test_offers_are_known_after_a_restart_without_starting(open_hub: Any, program: Any, tmp_path: Any) -> None:
    state = str(tmp_path / "mcp.db")
    before = await open_hub(program("one"), program("two"), state_path=state)
    async with mcp.Client(before.url, mode="legacy") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
    await before.stop()
    after = await open_hub(program("one"), program("two"), state_path=state)

    async with mcp.Client(after.url, mode="legacy") as client:
        again = {tool.name for tool in (await client.list_tools()).tools}

    assert names == again
    assert {"idle"} == {server["state"] for server in after.hub.status()["servers"].values()}
