"""Sessions belong to a key, outlive a restart, are limited, and end."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

import mcp

ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}


async def post(url: str, body: object, **headers: str) -> tuple[int, aiohttp.ClientResponse, str]:
    async with (
        aiohttp.ClientSession() as client,
        client.post(
            url, json=body, headers={**ACCEPT, **{k.replace("_", "-"): v for k, v in headers.items()}}
        ) as answer,
    ):
        return answer.status, answer, await answer.text()


async def begin(url: str, **headers: str) -> str:
    status, answer, text = await post(url, INITIALIZE, **headers)
    assert 200 == status, text
    return answer.headers["mcp-session-id"]


async def test_ids_are_long_and_different(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))

    first, second = await begin(hub.url), await begin(hub.url)

    assert first != second
    assert len(first) >= 43


async def test_a_session_belongs_to_the_key_that_began_it(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))
    session = await begin(hub.url, x_key="ann")

    own, _, _ = await post(hub.url, LIST, x_key="ann", mcp_session_id=session)
    foreign, _, _ = await post(hub.url, LIST, x_key="bob", mcp_session_id=session)

    assert (200, 404) == (own, foreign)


async def test_a_session_outlives_a_restart(open_hub: Any, program: Any, tmp_path: Any) -> None:
    state = str(tmp_path / "mcp.db")
    before = await open_hub(program("one"), state_path=state)
    session = await begin(before.url, x_key="ann")
    await before.stop()
    after = await open_hub(program("one"), state_path=state)

    foreign, _, _ = await post(after.url, LIST, x_key="bob", mcp_session_id=session)
    status, _, text = await post(after.url, LIST, x_key="ann", mcp_session_id=session)

    assert 404 == foreign
    assert 200 == status
    assert '"echo"' in text
    assert session not in (tmp_path / "mcp.db").read_text("latin-1")


async def test_a_session_that_nobody_used_for_its_life_is_gone(open_hub: Any, program: Any, tmp_path: Any) -> None:
    state = str(tmp_path / "mcp.db")
    before = await open_hub(program("one"), state_path=state)
    session = await begin(before.url)
    await before.stop()
    after = await open_hub(program("one"), state_path=state, session_life_s=0.001)

    status, _, _ = await post(after.url, LIST, mcp_session_id=session)

    assert 404 == status


async def test_an_idle_session_sleeps_and_wakes(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"), session_idle_s=0.2)
    session = await begin(hub.url)
    await asyncio.sleep(0.5)
    asleep = hub.hub.status()["sessions"]

    status, _, _ = await post(hub.url, LIST, mcp_session_id=session)

    assert (0, 200) == (asleep, status)


async def test_delete_ends_a_session(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))
    session = await begin(hub.url)

    async with aiohttp.ClientSession() as client, client.delete(hub.url, headers={"mcp-session-id": session}) as answer:
        deleted = answer.status
    status, _, _ = await post(hub.url, LIST, mcp_session_id=session)

    assert (200, 404, 0) == (deleted, status, hub.hub.status()["sessions"])


async def test_there_is_a_greatest_number_of_sessions(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"), max_sessions=2)
    await begin(hub.url)
    await begin(hub.url)

    status, _, text = await post(hub.url, INITIALIZE)

    assert 503 == status
    assert "Too many open sessions" in text


async def test_requests_that_open_nothing_leave_nothing(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))

    status, _, _ = await post(hub.url, LIST)

    assert (400, 0) == (status, hub.hub.status()["sessions"])


async def test_a_message_has_a_greatest_size(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"), max_message_bytes=1000)

    status, _, _ = await post(hub.url, {**INITIALIZE, "more": "x" * 2000})

    assert 413 == status


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"origin": "http://localhost:3000"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"host": "evil.example:80"}, 421),
        ({"host": "localhost:1"}, 200),
        ({"origin": "https://app.example"}, 200),
    ],
)
async def test_pages_of_other_sites_are_kept_out(
    open_hub: Any, program: Any, headers: dict[str, str], expected: int
) -> None:
    hub = await open_hub(program("one"), allowed_origins=("https://app.example",))

    status, _, _ = await post(hub.url, INITIALIZE, **headers)

    assert expected == status


async def test_an_unknown_version_gets_an_error_of_the_protocol(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))

    status, answer, _ = await post(hub.url, LIST, mcp_protocol_version="2030-01-01")
    body = await answer.json()

    assert 400 == status
    assert "error" in body


async def test_a_broken_connection_is_taken_up_again(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))
    headers = {**ACCEPT, "mcp-session-id": await begin(hub.url), "mcp-protocol-version": "2025-11-25"}
    call = {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "hang", "arguments": {"seconds": 1}}}
    await post(hub.url, LIST, **{name.replace("-", "_"): value for name, value in headers.items()})

    async with aiohttp.ClientSession() as client:
        async with client.post(hub.url, json=call, headers=headers) as answer:
            first = (await answer.content.readuntil(b"\r\n\r\n")).decode()
        event = next(line for line in first.splitlines() if line.startswith("id:")).partition(":")[2].strip()
        await asyncio.sleep(1.5)
        async with client.get(hub.url, headers={**headers, "last-event-id": event}) as answer:
            async with asyncio.timeout(5):
                replayed = await answer.content.readuntil(b"late")

    assert b'"id":3' in replayed


async def test_groups_see_what_they_may(open_hub: Any, program: Any) -> None:
    from ccproxy.config.mcp_settings import McpGroup

    groups = {"few": McpGroup(servers=("two",), tools=("two.echo", "two.only_*"))}
    hub = await open_hub(program("one"), program("two"), groups=groups, disabled_tools=("*.die",))

    async with mcp.Client(hub.url, mode="legacy") as client:
        everything = {tool.name for tool in (await client.list_tools()).tools}
    async with mcp.Client(f"{hub.root}/few/mcp/http", mode="legacy") as client:
        few = {tool.name for tool in (await client.list_tools()).tools}
        with pytest.raises(mcp.MCPError, match="Unknown tool"):
            await client.call_tool("one_echo", {"message": "x"})

    assert {"two_echo", "only_two"} == few
    assert few < everything
    assert not any("die" in name for name in everything)
