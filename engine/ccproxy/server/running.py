"""Start the server, serve until a signal, let streams finish, stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from aiohttp import web

from ccproxy.server.current import Current
from ccproxy.server.front import Front
from ccproxy.server.lasting import Lasting
from ccproxy.server.mcp_door import McpDoor
from ccproxy.server.memory import settle_memory
from ccproxy.server.pages import Pages
from ccproxy.server.reload import Following, Reloader

if TYPE_CHECKING:
    from aiohttp.web_protocol import _RequestHandler

    from ccproxy.config.model import Config
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.tools import Tools

BACKLOG = 1024
IDLE_CONNECTION_S = 300.0


@dataclass(slots=True)
class Stop:
    """State: the first signal asks to finish, the second to leave at once."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    urgent: asyncio.Event = field(default_factory=asyncio.Event)

    def signal(self) -> None:
        """Take one signal."""
        (self.urgent if self.asked.is_set() else self.asked).set()


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens."""

    port: int
    server: asyncio.Server
    connections: web.Server
    current: Current
    reloader: Reloader
    mcp: McpDoor

    @property
    def tools(self) -> Tools:
        """What the requests share that come now."""
        return self.current.version.tools


async def start(
    config: Config,
    engine: Engine,
    share_port: bool = False,
    lasting: Lasting | None = None,
    following: Following | None = None,
) -> Running:
    """Listen; raises OSError when the address is taken."""
    following = following or Following()
    current = Current(lasting or Lasting(), config, engine, following.switch_file)
    reloader = Reloader(current, following)
    workers = following.switch_file.path
    mcp = McpDoor(current.version.config, workers.parent if workers else None)
    current.swapped.append(mcp.follow)
    current.mcp_status = mcp.status
    front = Front(current, Pages(current, reloader.ask), mcp)
    connections = web.Server(
        # A Reply looks like a response that has been sent already, which is all that aiohttp asks of it.
        cast("_RequestHandler", front.handle),
        access_log=None,
        handler_cancellation=True,
        keepalive_timeout=IDLE_CONNECTION_S,
    )
    server = await asyncio.get_running_loop().create_server(
        connections, config.server.host, config.server.port, backlog=BACKLOG, reuse_port=share_port or None
    )
    mcp.start()
    return Running(server.sockets[0].getsockname()[1], server, connections, current, reloader, mcp)


async def stop(running: Running, patience_s: float, urgent: asyncio.Event | None = None) -> None:
    """Stop listening, let requests finish for a while (or until it becomes urgent), close the rest."""
    running.current.stopping = True
    running.server.close()
    running.connections.pre_shutdown()
    finishing = asyncio.ensure_future(running.connections.shutdown(patience_s))
    leaving = asyncio.ensure_future(running.mcp.stop(patience_s))  # open streams of events would hold the rest up
    hurry = asyncio.ensure_future(urgent.wait() if urgent else asyncio.sleep(patience_s * 2 + 1))
    await asyncio.wait({finishing, hurry}, return_when=asyncio.FIRST_COMPLETED)
    for task in (finishing, hurry, leaving):
        task.cancel()
    await asyncio.gather(finishing, hurry, leaving, return_exceptions=True)
    for connection in running.connections.connections:
        connection.force_close()
    await running.mcp.stop(0.0)
    running.current.lasting.close()


async def serve(
    config: Config,
    engine: Engine,
    share_port: bool = False,
    when_started: Callable[[Running], Awaitable[None]] | None = None,
    steps: Iterable[object] = (),
    lasting: Lasting | None = None,
    following: Following | None = None,
) -> None:
    """Serve until a signal ends it; meanwhile follow the files that the configuration came from."""
    ending = Stop()
    running = await start(config, engine, share_port, lasting, following)
    _hear_signals(ending, running.reloader)
    if when_started is not None:
        await when_started(running)
    await warm_up(steps)
    follower = asyncio.ensure_future(running.reloader.run())
    await ending.asked.wait()
    follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)
    await stop(running, running.current.given.server.shutdown_after_s, ending.urgent)


def _hear_signals(ending: Stop, reloader: Reloader) -> None:
    """End on SIGTERM and SIGINT, load again on SIGHUP, unless that tells that the terminal is gone."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.signal)
    in_terminal = _has_terminal()

    def hang_up() -> None:
        if in_terminal and not _has_terminal():
            ending.signal()
        else:
            reloader.ask()

    loop.add_signal_handler(signal.SIGHUP, hang_up)


def _has_terminal() -> bool:
    try:
        return os.isatty(0)
    except OSError:
        return False


async def warm_up(steps: Iterable[object]) -> None:
    """Do step by step what would otherwise be done on somebody's first request; requests in between go first."""
    for _ in steps:
        await asyncio.sleep(0)
    settle_memory()
