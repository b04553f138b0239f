"""What all requests share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.config.model import Resilience
from ccproxy.routing.health import HealthBoard

if TYPE_CHECKING:
    from ccproxy.config.mcp_settings import McpInject
    from ccproxy.pipeline.access import Gate
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.plan import Planner
    from ccproxy.pipeline.stages import Listen
    from ccproxy.pipeline.tool_modes import ToolModes
    from ccproxy.pipeline.watch import Watchman
    from ccproxy.routing.facts import Observer
    from ccproxy.routing.offers import Offers
    from ccproxy.upstream.pool import Pool


@dataclass(frozen=True, slots=True)
class Tools:
    """The engine, the planner, and the one pool, gate, ticker, list of models and board of who rests.

    `observers` are told of every request at its end; `listen` gives a listener to the stages of a request, if any;
    `inject` says which tools are run here for models, if any.
    """

    engine: Engine
    planner: Planner
    gate: Gate
    pool: Pool
    watchman: Watchman
    max_body_bytes: int
    offers: Offers
    tool_modes: ToolModes
    health: HealthBoard = field(default_factory=HealthBoard)
    resilience: Resilience = field(default_factory=Resilience)
    observers: tuple[Observer, ...] = ()
    listen: Listen | None = None
    inject: McpInject | None = None
