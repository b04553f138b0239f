"""A hub that listens by itself, as the proxy's server does with it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aiohttp import web

from ccproxy.mcp.hub import McpHub
from ccproxy.pipeline.reply import Reply

if TYPE_CHECKING:
    from aiohttp.web_protocol import _RequestHandler

    from ccproxy.config.mcp_settings import McpSettings


@dataclass
class HubServer:
    """A running hub; the header `x-key` names the access key, the path may begin with a group."""

    hub: McpHub
    port: int
    server: asyncio.Server
    connections: web.Server

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.root}/mcp/http"

    async def stop(self) -> None:
        self.server.close()
        await self.hub.stop()
        await self.connections.shutdown(0.1)


async def start_hub(settings: McpSettings, state_path: str = ":memory:", port: int = 0, **more: object) -> HubServer:
    hub = McpHub(settings, state_path=state_path, **more)  # type: ignore[arg-type]

    async def handle(request: web.BaseRequest) -> Reply:
        reply = Reply(request, "req_1")
        group, _, rest = request.path.removeprefix("/").partition("/mcp/")
        path = f"/mcp/{rest}" if rest else request.path
        await hub.handle(request, reply, path, group if rest else "", request.headers.get("x-key", ""))
        return reply

    connections = web.Server(cast("_RequestHandler", handle), access_log=None, handler_cancellation=True)
    server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", port)
    await hub.start()
    return HubServer(hub, server.sockets[0].getsockname()[1], server, connections)
