"""Everything that a server offers reaches clients of both kinds as it is."""

from __future__ import annotations

import asyncio
from typing import Any

import mcp_types as types
import pytest

import mcp

KINDS = pytest.mark.parametrize("mode", ["legacy", "auto"])


async def red(_context: object, _params: object) -> types.ElicitResult:
    """Answer every question with a colour."""
    return types.ElicitResult(action="accept", content={"colour": "red"})


@KINDS
@pytest.mark.parametrize("place", ["program", "remote"])
async def test_tools_keep_titles_annotations_and_schemas(
    open_hub: Any, program: Any, remote: Any, mode: str, place: str
) -> None:
    hub = await open_hub(program("one") if place == "program" else await remote("one"))

    async with mcp.Client(hub.url, mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.call_tool("echo", {"message": "x"})

    echo = tools["echo"]
    assert ("Echo it", True) == (echo.title, echo.annotations.read_only_hint if echo.annotations else None)
    assert ["message"] == echo.input_schema["required"]
    assert {"result"} == set((echo.output_schema or {})["properties"])
    assert ("one: x", {"result": "one: x"}) == (result.content[0].text, result.structured_content)


@KINDS
async def test_prompts_resources_and_templates(open_hub: Any, program: Any, mode: str) -> None:
    hub = await open_hub(program("one"), program("two"))

    async with mcp.Client(hub.url, mode=mode) as client:
        prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
        greeting = await client.get_prompt("two_hello", {"name": "Ann"})
        uris = {resource.uri for resource in (await client.list_resources()).resources}
        templates = {one.uri_template for one in (await client.list_resource_templates()).resource_templates}
        note = await client.read_resource("note://two")
        file = await client.read_resource("file://one/a")

    assert {"one_hello", "two_hello"} == prompts
    assert "Hello Ann from two" == greeting.messages[0].content.text
    assert {"note://one", "note://two"} == uris
    assert {"file://one/{path}", "file://two/{path}"} == templates
    assert ("a note of two", "one has a") == (note.contents[0].text, file.contents[0].text)


# A newer connection of a client's own is left out: the sample asks in the older way, which it does not have.
@pytest.mark.parametrize(("mode", "shared"), [("legacy", True), ("legacy", False), ("auto", True)])
async def test_a_server_asks_in_the_middle_of_a_call(
    open_hub: Any, program: Any, remote: Any, mode: str, shared: bool
) -> None:
    hub = await open_hub(program("one") if shared else await remote("one"))

    async with mcp.Client(hub.url, mode=mode, elicitation_callback=red) as client:
        result = await client.call_tool("ask_colour", {})

    assert "accept: red" == result.content[0].text


@KINDS
async def test_a_client_that_cannot_answer_is_not_asked(open_hub: Any, program: Any, mode: str) -> None:
    hub = await open_hub(program("one"))

    async with mcp.Client(hub.url, mode=mode) as client:
        with pytest.raises(mcp.MCPError, match="does not support elicitation"):
            await client.call_tool("ask_colour", {})


@KINDS
async def test_progress_arrives_before_the_result(open_hub: Any, program: Any, mode: str) -> None:
    hub = await open_hub(program("one"))
    heard: list[tuple[float, str | None]] = []

    async def note(progress: float, _total: float | None, message: str | None) -> None:
        heard.append((progress, message))

    async with mcp.Client(hub.url, mode=mode) as client:
        await client.call_tool("count", {"steps": 5}, progress_callback=note)

    assert [(float(step), f"step {step}") for step in range(1, 6)] == heard


@KINDS
async def test_log_messages_go_to_the_client_whose_call_runs(open_hub: Any, program: Any, mode: str) -> None:
    hub = await open_hub(program("one"))
    heard: dict[str, list[object]] = {"a": [], "b": []}

    async def note_a(params: types.LoggingMessageNotificationParams) -> None:
        heard["a"].append(params.data)

    async def note_b(params: types.LoggingMessageNotificationParams) -> None:
        heard["b"].append(params.data)

    async with (
        mcp.Client(hub.url, mode=mode, logging_callback=note_a, log_level="info") as a,
        mcp.Client(hub.url, mode=mode, logging_callback=note_b, log_level="info") as b,
    ):
        await b.list_tools()
        await a.call_tool("say", {"text": "hi"})

    assert {"a": ["hi"], "b": []} == heard


async def test_a_cancelled_call_is_cancelled_at_the_server(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"))

    async with mcp.Client(hub.url, mode="legacy") as client:
        with pytest.raises(mcp.MCPError):
            await client.call_tool("hang", {}, read_timeout_seconds=0.5)
        result = await client.call_tool("echo", {"message": "still here"})

    assert "one: still here" == result.content[0].text
    assert not hub.hub.upstreams["one"].is_busy


@KINDS
async def test_changes_of_a_list_are_told(open_hub: Any, program: Any, mode: str) -> None:
    hub = await open_hub(program("one"))
    changed = types.ToolListChangedNotification
    told = []

    async def note(message: object) -> None:
        if isinstance(message, changed):
            told.append(message)

    async with mcp.Client(hub.url, mode=mode, message_handler=note, cache=None) as client:
        before = {tool.name for tool in (await client.list_tools()).tools}
        if mode == "legacy":
            await client.call_tool("grow", {})
            await _until(lambda: bool(told))
        else:
            async with client.listen(tools_list_changed=True) as changes:
                await client.call_tool("grow", {})
                await asyncio.wait_for(anext(changes), 5)
        after = {tool.name for tool in (await client.list_tools()).tools}

    assert {"grown"} == after - before


@KINDS
async def test_unknown_names_are_refused(open_hub: Any, program: Any, mode: str) -> None:
    hub = await open_hub(program("one"))

    async with mcp.Client(hub.url, mode=mode) as client:
        with pytest.raises(mcp.MCPError, match="Unknown tool: nothing"):
            await client.call_tool("nothing", {})
        with pytest.raises(mcp.MCPError, match="Unknown prompt: nothing"):
            await client.get_prompt("nothing", {})


async def test_lists_come_in_pages(open_hub: Any, program: Any) -> None:
    hub = await open_hub(program("one"), page_size=3)
    names: list[str] = []
    cursor = None

    async with mcp.Client(hub.url, mode="legacy") as client:
        while True:
            page = await client.list_tools(cursor=cursor)
            assert len(page.tools) <= 3
            names += [tool.name for tool in page.tools]
            cursor = page.next_cursor
            if cursor is None:
                break

    assert 9 == len(set(names)) == len(names)


@KINDS
async def test_a_server_of_the_older_transport(open_hub: Any, remote: Any, mode: str) -> None:
    hub = await open_hub(await remote("one", sse=True))

    async with mcp.Client(hub.url, mode=mode, elicitation_callback=red) as client:
        result = await client.call_tool("ask_colour" if mode == "legacy" else "echo", {"message": "x"})

    assert ("accept: red" if mode == "legacy" else "one: x") == result.content[0].text


async def test_older_transport(open_hub: Any, program: Any) -> None:
    from mcp.client.sse import sse_client

    hub = await open_hub(program("one"))

    async with mcp.Client(sse_client(f"{hub.root}/mcp/sse"), mode="legacy", elicitation_callback=red) as client:
        result = await client.call_tool("ask_colour", {})

    assert "accept: red" == result.content[0].text


async def _until(true: Any, patience_s: float = 5.0) -> None:
    async with asyncio.timeout(patience_s):
        while not true():
            await asyncio.sleep(0.02)
