"""Start the server, serve until a signal, let streams finish, stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from urllib.request import getproxies_environment

from aiohttp import web

from ccproxy.config.model_facts import ModelBook
from ccproxy.pipeline.access import Gate
from ccproxy.pipeline.plan import Planner
from ccproxy.pipeline.tools import Tools
from ccproxy.pipeline.watch import Watchman
from ccproxy.routing.health import HealthBoard
from ccproxy.routing.offers import Offers
from ccproxy.routing.router import Router
from ccproxy.routing.shared import OwnState
from ccproxy.routing.table import build_route_table
from ccproxy.server.front import Front
from ccproxy.server.request_log import RequestLog
from ccproxy.upstream.pool import Pool

if TYPE_CHECKING:
    from aiohttp.web_protocol import _RequestHandler

    from ccproxy.config.model import Config
    from ccproxy.pipeline.engine_port import Engine

BACKLOG = 1024
IDLE_CONNECTION_S = 300.0
GARBAGE_THRESHOLD = 5_000


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
    tools: Tools


async def start(config: Config, engine: Engine, share_port: bool = False) -> Running:
    """Listen; raises OSError when the address is taken."""
    shared = OwnState()
    router = Router(config, shared)
    tools = Tools(
        engine=engine,
        planner=Planner(engine, router, getproxies_environment()),
        gate=Gate(config.access, engine.protocols.values()),
        pool=Pool(),
        watchman=Watchman(config.server.keep_alive_every_s),
        max_body_bytes=config.server.max_body_bytes,
        offers=Offers(config, router, ModelBook(engine.providers)),
        health=HealthBoard(shared, config.resilience.cooldown_s),
        resilience=config.resilience,
        observers=(RequestLog(config.log),) if config.log.requests else (),
    )
    front = Front(tools, build_route_table(engine.protocols.values()))
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
    return Running(server.sockets[0].getsockname()[1], server, connections, tools)


async def stop(running: Running, patience_s: float, urgent: asyncio.Event | None = None) -> None:
    """Stop listening, let requests finish for a while (or until it becomes urgent), close the rest."""
    running.server.close()
    running.connections.pre_shutdown()
    finishing = asyncio.ensure_future(running.connections.shutdown(patience_s))
    hurry = asyncio.ensure_future(urgent.wait() if urgent else asyncio.sleep(patience_s * 2 + 1))
    await asyncio.wait({finishing, hurry}, return_when=asyncio.FIRST_COMPLETED)
    for task in (finishing, hurry):
        task.cancel()
    await asyncio.gather(finishing, hurry, return_exceptions=True)
    for connection in running.connections.connections:
        connection.force_close()
    running.tools.pool.close()


async def serve(
    config: Config,
    engine: Engine,
    share_port: bool = False,
    when_started: Callable[[Running], Awaitable[None]] | None = None,
    steps: Iterable[object] = (),
) -> None:
    """Serve until a signal ends it."""
    ending = Stop()
    loop = asyncio.get_running_loop()
    running = await start(config, engine, share_port)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.signal)
    if when_started is not None:
        await when_started(running)
    await warm_up(steps)
    await ending.asked.wait()
    await stop(running, config.server.shutdown_after_s, ending.urgent)


async def warm_up(steps: Iterable[object]) -> None:
    """Do step by step what would otherwise be done on somebody's first request; requests in between go first."""
    for _ in steps:
        await asyncio.sleep(0)
    # What is loaded now lives as long as the process, so the collector need not look at it again. A large body makes
    # thousands of containers; the usual threshold of 700 would have it look several times while one is converted.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
