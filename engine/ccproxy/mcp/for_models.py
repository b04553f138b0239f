"""Tools for the models of the chat routes: asks the hub, here or in another process, as a client of its own."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import httpx2
from mcp.client.streamable_http import streamable_http_client

import mcp
from ccproxy.mcp.hub import FOR_MODELS, HTTP_PATH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from pydantic import BaseModel

    from ccproxy.jsontypes import JsonObject
    from ccproxy.mcp.hub import McpHub

READ_S: Final = 3600.0  # who calls limits the time


class HubTools:
    """The tools of a hub in this process."""

    def __init__(self, hub: McpHub) -> None:
        self._hub = hub

    async def tools(self, group: str) -> Sequence[JsonObject]:
        """Return what models of a group may call, as MCP describes tools."""
        view = await self._hub.view(group + FOR_MODELS)
        await self._hub.all_known(view)
        return [entry.shown for _, entry in sorted(view.joined.tools.items())]

    async def call(self, group: str, name: str, arguments: JsonObject) -> JsonObject:
        """Call a tool; raises MCPError when there is no such tool for this group."""
        view = await self._hub.view(group + FOR_MODELS)
        return await _call(mcp.Client(view.server, cache=None), name, arguments)


class RelayedTools:
    """The tools of a hub that another process has; `header_for` gives the header that its socket wants to see."""

    def __init__(self, socket: str, header_for: Callable[[str, str], Mapping[str, str]]) -> None:
        self._socket = socket
        self._header_for = header_for

    async def tools(self, group: str) -> Sequence[JsonObject]:
        """Return what models of a group may call, as MCP describes tools."""
        found: list[JsonObject] = []
        async with self._client(group) as client:
            cursor: str | None = None
            while True:
                page = await client.list_tools(cursor=cursor)
                found += [_as_json(tool) for tool in page.tools]
                cursor = page.next_cursor
                if not cursor:
                    return sorted(found, key=lambda tool: str(tool["name"]))

    async def call(self, group: str, name: str, arguments: JsonObject) -> JsonObject:
        """Call a tool; raises MCPError when there is no such tool for this group."""
        return await _call(self._client(group), name, arguments)

    @asynccontextmanager
    async def _client(self, group: str) -> AsyncIterator[mcp.Client]:
        headers = dict(self._header_for(HTTP_PATH, group + FOR_MODELS))
        transport = httpx2.AsyncHTTPTransport(uds=self._socket)
        timeout = httpx2.Timeout(READ_S, connect=5.0)
        async with (
            httpx2.AsyncClient(transport=transport, headers=headers, timeout=timeout) as http,
            mcp.Client(streamable_http_client(f"http://localhost{HTTP_PATH}", http_client=http), cache=None) as client,
        ):
            yield client


async def _call(opening: AbstractAsyncContextManager[Any], name: str, arguments: JsonObject) -> JsonObject:
    async with opening as client:
        result = await client.call_tool(name, arguments)
    return _as_json(result)


def _as_json(model: BaseModel) -> JsonObject:
    return cast("JsonObject", model.model_dump(mode="json", by_alias=True, exclude_none=True))
