"""Hubs with sample servers behind them."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from ccproxy.config.mcp_settings import McpServer, McpSettings
from mcp_parts.hub_server import HubServer, start_hub

SAMPLE = Path(__file__).parent.parent / "mcp_parts" / "sample_server.py"

OpenHub = Callable[..., Awaitable[HubServer]]
Program = Callable[..., McpServer]
Remote = Callable[..., Awaitable[McpServer]]


@pytest.fixture
def program() -> Program:
    """A server that is a program."""

    def make(name: str, **settings: object) -> McpServer:
        return McpServer(name, command=sys.executable, args=(str(SAMPLE), name), **settings)  # type: ignore[arg-type]

    return make


@pytest.fixture
async def remote() -> AsyncIterator[Remote]:
    """A server that listens on a port."""
    processes: list[asyncio.subprocess.Process] = []

    async def make(name: str, **settings: object) -> McpServer:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        kind = ["sse"] if settings.get("sse") else []
        processes.append(await asyncio.create_subprocess_exec(sys.executable, str(SAMPLE), name, str(port), *kind))
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                break
        url = f"http://127.0.0.1:{port}/{kind[0] if kind else 'mcp'}"
        return McpServer(name, url=url, **{"own_sessions": True, **settings})  # type: ignore[arg-type]

    yield make
    for process in processes:
        process.kill()
        await process.wait()


@pytest.fixture
async def open_hub() -> AsyncIterator[OpenHub]:
    """Start hubs, and stop them after the test."""
    opened: list[HubServer] = []

    async def make(*servers: McpServer, state_path: str = ":memory:", port: int = 0, **settings: object) -> HubServer:
        chosen = McpSettings(servers={server.name: server for server in servers}, **settings)  # type: ignore[arg-type]
        hub = await start_hub(chosen, state_path, port)
        opened.append(hub)
        return hub

    yield make
    for hub in opened:
        await hub.stop()
