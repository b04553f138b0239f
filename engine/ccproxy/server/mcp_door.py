"""The way from the server to the MCP hub; the hub, and the SDK with it, is loaded only when servers are configured."""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.routing.failures import ProxyError
from ccproxy.state.opening import file_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from aiohttp.web import BaseRequest

    from ccproxy.config.model import Config
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mcp.for_models import HubTools, RelayedTools
    from ccproxy.mcp.hub import McpHub
    from ccproxy.pipeline.reply import Reply
    from ccproxy.server.mcp_relay import Address, McpRelay
    from ccproxy.server.version import Version

PATHS: Final = frozenset({"/mcp/http", "/mcp/sse", "/mcp/messages"})
IN_MEMORY: Final = ":memory:"
log: Final = logging.getLogger("ccproxy.mcp")
_JSON: Final = b"content-type: application/json\r\n"


class McpDoor:
    """State: the hub for the settings in force, if they name a server; it is made anew when they change."""

    def __init__(self, config: Config, workers: Path | None = None) -> None:
        """Make the door of a process, or of one of the workers that share a folder."""
        self._config = config
        self._relay = _relay(workers) if workers is not None else None
        self._hub: McpHub | None = None
        self._opening: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._loading = asyncio.Lock()

    def start(self) -> None:
        """Load the hub and start the servers that are to start at once, while requests are answered already."""
        if self._config.mcp.enabled and (self._relay is None or self._relay.take()):
            self._opening = asyncio.create_task(self._open(self._config))

    async def stop(self, patience_s: float) -> None:
        """Let calls finish for a while, then stop every server."""
        if self._opening is not None:
            await asyncio.wait({self._opening})
        if self._hub is not None:
            await self._hub.finish(patience_s)
        self._drop_hub()
        if self._closing:
            await asyncio.wait(self._closing)
        relay, self._relay = self._relay, None
        if relay is not None:
            await relay.close()

    def follow(self, version: Version) -> None:
        """Take other settings; sessions of clients go on where they are kept in a file."""
        before, self._config = self._config, version.config
        if before.mcp != version.config.mcp:
            self._drop_hub()
            self.start()

    def status(self) -> JsonObject | None:
        """Return how the servers are; None when there are none."""
        return self._hub.status() if self._hub is not None else None

    def owns(self, path: str) -> bool:
        """Whether a path is one of the hub's, with or without a group before it."""
        return self._config.mcp.enabled and path.endswith(("/mcp/http", "/mcp/sse", "/mcp/messages"))

    async def answer(self, version: Version, request: BaseRequest, reply: Reply, path: str) -> None:
        """Answer a request for one of the hub's paths."""
        try:
            prefix, inner = _parted(path)
            group, key = _admitted(version, request, prefix)
            await self._answer(request, reply, (inner, group, key, prefix))
        except ProxyError as refusal:
            _refuse(reply, refusal)

    async def tools(self, group: str) -> Sequence[JsonObject]:
        """Return what models of a group may call, as MCP describes tools."""
        return await (await self._for_models()).tools(self._rules_of(group))

    async def call(self, group: str, name: str, arguments: JsonObject) -> JsonObject:
        """Call a tool for a model; raises when that fails in a way that is no result."""
        return await (await self._for_models()).call(self._rules_of(group), name, arguments)

    async def _for_models(self) -> HubTools | RelayedTools:
        room = await self._load("ccproxy.mcp.for_models")
        relay = self._relay
        if relay is not None and not relay.take():
            relayed: RelayedTools = room.RelayedTools(await relay.ready_socket(), relay.header_for)
            return relayed
        if self._opening is None:
            self.start()
        here: HubTools = room.HubTools(await self._ready())
        return here

    def _rules_of(self, group: str) -> str:
        return group if group in self._config.mcp.groups else ""

    async def _answer(self, request: BaseRequest, reply: Reply, address: Address) -> None:
        relay = self._relay
        if relay is not None and not relay.take():
            await relay.forward(request, reply, address)
            return
        if self._opening is None:  # the worker that had the hub is gone
            self.start()
        await (await self._ready()).handle(request, reply, *address)

    async def _ready(self) -> McpHub:
        if self._hub is None and self._opening is not None:
            await asyncio.wait({self._opening})
        if self._hub is None:
            raise ProxyError("unavailable", 503, "The MCP servers could not be set up; the log says why.")
        return self._hub

    async def _open(self, config: Config) -> None:
        try:
            room = await self._load("ccproxy.mcp.hub")
        except ImportError as error:
            log.error("MCP servers need the SDK: pip install 'ccproxy[mcp]' (%s)", error)
            return
        hub: McpHub = room.McpHub(config.mcp, config.server.host, state_path(config))
        await hub.start()
        self._hub = hub
        if self._relay is not None:
            await self._relay.listen(self._answer)

    async def _load(self, name: str) -> ModuleType:
        """Import what needs the SDK, which takes a second to load and cannot be loaded by two threads at once."""
        async with self._loading:
            return await asyncio.to_thread(import_module, name)

    def _drop_hub(self) -> None:
        hub, self._hub = self._hub, None
        if hub is not None:
            task = asyncio.create_task(hub.stop())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _relay(folder: Path) -> McpRelay:
    from ccproxy.server.mcp_relay import McpRelay  # noqa: PLC0415 (one process alone needs none)

    return McpRelay(folder)


def _parted(path: str) -> tuple[str, str]:
    """Return the group's part of a path and the rest."""
    inner = next((known for known in PATHS if path.endswith(known)), "")
    prefix = path.removesuffix(inner)
    if not inner or prefix.count("/") > 1:
        raise ProxyError("not_found", 404, "There is nothing here.")
    return prefix, inner


def _admitted(version: Version, request: BaseRequest, prefix: str) -> tuple[str, str]:
    """Return the rules and the name of the key that a request comes under; raise when it may not come in."""
    config = version.config
    group = prefix.removeprefix("/") or config.active_group
    query = request.raw_path.partition("?")[2]
    key = version.tools.gate.identify(None, request.headers, query)
    if prefix and group not in config.groups:
        raise ProxyError("not_found", 404, f"There is no group {group[:100]}.")
    if key is not None and key.groups and group not in key.groups:
        raise ProxyError("permission", 403, f"This key may not use the group {group[:100]}.")
    return (group if group in config.mcp.groups else ""), (key.name if key is not None else "")


def _refuse(reply: Reply, refusal: ProxyError) -> None:
    status = int(str(refusal.error["status"]))
    message = str(refusal.error["message"])
    body = dumps({"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": message}})
    head = _JSON + (b"www-authenticate: Bearer\r\n" if status == 401 else b"")
    reply.send(status, head, body)


def state_path(config: Config) -> str:
    """Return the file for sessions and offers, beside the state's own."""
    file = file_of(config.state, Path(config.mcp.folder))
    return IN_MEMORY if file is None else str(file.with_suffix(".mcp.db"))
