"""What `ccproxy mcp` does with servers: it starts a hub of its own, as the proxy would."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from mcp.server.stdio import stdio_server

import mcp
from ccproxy.cli.setup import root_url
from ccproxy.cli.table import columns
from ccproxy.config.mcp_settings import McpServer, McpSettings
from ccproxy.diagnostics.suggest import closest
from ccproxy.mcp.hub import HTTP_PATH, McpHub
from ccproxy.server.mcp_door import state_path

if TYPE_CHECKING:
    from ccproxy.cli.setup import Setup
    from ccproxy.mcp.view import View

LONGEST_TEXT = 80


@asynccontextmanager
async def _open_view(settings: McpSettings, state: str, group: str) -> AsyncIterator[tuple[McpHub, View]]:
    hub = McpHub(settings, state_path=state, patience_s=60.0)
    try:
        view = await hub.view(group if group in settings.groups else "")
        yield hub, view
    finally:
        await hub.stop()


async def show_servers(setup: Setup, form: str) -> int:
    """Print how each server is; 1 when one cannot be started."""
    async with _open_view(setup.config.mcp, state_path(setup.config), "") as (hub, view):
        await hub.try_all(view)
        status = hub.status()["servers"]
    assert isinstance(status, dict)
    servers = {name: server for name, server in status.items() if isinstance(server, dict)}
    if form == "json":
        print(json.dumps(servers, indent=2, ensure_ascii=False))
    else:
        rows = [
            (name, str(one["state"]), str(one["tools"]), str(one.get("protocol", "-")), str(one.get("error", "")))
            for name, one in servers.items()
        ]
        print("\n".join(columns(("SERVER", "STATE", "TOOLS", "PROTOCOL", "ERROR"), rows)))
    return int(any(server["state"] == "failed" for server in servers.values()))


async def show_tools(setup: Setup, group: str, form: str) -> int:
    """Print the tools that clients of a group see."""
    async with _open_view(setup.config.mcp, state_path(setup.config), group) as (hub, view):
        await hub.all_known(view)
        entries = view.joined.tools
    if form == "json":
        print(json.dumps([entry.shown for entry in entries.values()], indent=2, ensure_ascii=False))
        return 0
    rows = [
        (name, entry.server, " ".join(str(entry.shown.get("description") or "").split())[:LONGEST_TEXT])
        for name, entry in sorted(entries.items())
    ]
    print("\n".join(columns(("TOOL", "SERVER", "WHAT IT DOES"), rows)))
    return 0


async def call_tool(setup: Setup, group: str, name: str, arguments: Mapping[str, object], form: str) -> int:
    """Call a tool and print its result; 1 when the tool failed, 2 when there is none."""
    async with _open_view(setup.config.mcp, state_path(setup.config), group) as (hub, view):
        await hub.all_known(view)
        if name not in view.joined.tools:
            near = closest(name, view.joined.tools)
            hint = f"did you mean `{near}`?" if near else "`ccproxy mcp tools` lists all"
            print(f"ccproxy mcp call: there is no tool `{name}`; {hint}", file=sys.stderr)
            return 2
        async with mcp.Client(view.server, cache=None) as client:
            try:
                result = await client.call_tool(name, dict(arguments), progress_callback=_show_progress)
            except mcp.MCPError as error:
                print(f"ccproxy mcp call: {error}", file=sys.stderr)
                return 1
    _print_result(result, form)
    return int(bool(result.is_error))


async def bridge(setup: Setup, url: str | None, key: str | None, group: str) -> int:
    """Serve on stdin and stdout: a running proxy's tools if there is one, else those of servers of one's own."""
    address = url or f"{root_url(setup.config.server)}{f'/{group}' if group else ''}{HTTP_PATH}"
    settings, state = setup.config.mcp, state_path(setup.config)
    if url or await _answers(address):
        token = key or os.environ.get("CCPROXY_KEY", "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        proxy = McpServer("ccproxy", url=address, headers=headers, own_sessions=True)
        settings, state, group = McpSettings(servers={"ccproxy": proxy}), ":memory:", ""
    if not settings.enabled:
        print(f"ccproxy mcp stdio: no proxy answers at {address}, and no servers are configured", file=sys.stderr)
        return 1
    async with _open_view(settings, state, group) as (hub, view):
        await hub.start()
        await hub.all_known(view)
        async with stdio_server() as (reading, writing):
            await view.server.run(reading, writing, view.options())
    return 0


async def _answers(address: str) -> bool:
    """Whether a proxy with MCP servers listens; it refuses a GET without a session, and that is an answer."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client,
            client.get(address, headers={"accept": "application/json"}) as answer,
        ):
            return answer.status != 404
    except (aiohttp.ClientError, TimeoutError):
        return False


async def _show_progress(progress: float, total: float | None, message: str | None) -> None:
    share = f"{progress:g}" if total is None else f"{progress:g}/{total:g}"
    print(f"{share} {message or ''}".rstrip(), file=sys.stderr)


def _print_result(result: mcp.types.CallToolResult, form: str) -> None:
    if form == "json":
        print(result.model_dump_json(by_alias=True, exclude_none=True, indent=2))
        return
    for block in result.content:
        if isinstance(block, mcp.types.TextContent):
            print(block.text)
        else:
            print(block.model_dump_json(by_alias=True, exclude_none=True))
