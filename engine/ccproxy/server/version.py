"""One version of everything that a configuration decides. A request keeps the one that it began with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.request import getproxies_environment

from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import build_price_book
from ccproxy.pipeline.access import Gate
from ccproxy.pipeline.plan import Planner
from ccproxy.pipeline.tool_modes import ToolModes
from ccproxy.pipeline.tools import Tools
from ccproxy.routing.offers import Offers
from ccproxy.routing.router import Router
from ccproxy.routing.table import build_route_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.config.model import Config
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.routing.facts import Observer
    from ccproxy.routing.paths import RouteTable
    from ccproxy.server.lasting import Lasting


@dataclass(frozen=True, slots=True)
class Version:
    """A configuration and all that is made of it; `since` is unix time, `id_names` the request-id headers.

    `note_refusal` is told of requests for which there is no route.
    """

    number: int
    since: float
    config: Config
    tools: Tools
    routes: RouteTable
    id_names: Mapping[str, bytes]
    note_refusal: Observer | None = None


def build_version(
    lasting: Lasting, config: Config, engine: Engine, number: int, since: float, records: bool = True
) -> Version:
    """Make what answers requests by this configuration; `records` lets `--record` have its way."""
    router = Router(config, lasting.state.shared)
    models = ModelBook(engine.providers)
    modes = ToolModes(engine, models)
    tools = Tools(
        engine=engine,
        planner=Planner(engine, router, getproxies_environment(), modes),
        gate=Gate(config.access, engine.protocols.values(), lasting.state.limits),
        pool=lasting.pool,
        watchman=lasting.watchman(config.server.keep_alive_every_s),
        max_body_bytes=config.server.max_body_bytes,
        offers=Offers(config, router, models),
        tool_modes=modes,
        health=lasting.health(config.resilience.cooldown_s),
        resilience=config.resilience,
        observers=tuple(_observers(lasting, config, models)),
        listen=lasting.traffic.listen(config, records),
        inject=config.mcp.inject if config.mcp.enabled and config.mcp.inject.tools else None,
    )
    protocols = engine.protocols
    id_names = {name: _id_name(protocol) for name, protocol in protocols.items()}
    log = lasting.request_log(config.log) if config.log.requests else None
    return Version(number, since, config, tools, build_route_table(protocols.values()), id_names, log)


def _observers(lasting: Lasting, config: Config, models: ModelBook) -> Iterator[Observer]:
    yield lasting.state.observer(build_price_book(config, models))
    if config.log.requests:
        yield lasting.request_log(config.log)


def _id_name(protocol: Protocol) -> bytes:
    """Return the header in which a protocol names requests, unless every reply has it anyway."""
    name = next(iter(protocol.headers.request_id), "x-request-id")
    return b"" if name == "x-request-id" else name.encode()
