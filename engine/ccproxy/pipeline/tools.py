"""What all requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.pipeline.access import Gate
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.plan import Planner
    from ccproxy.pipeline.watch import Watchman
    from ccproxy.routing.offers import Offers
    from ccproxy.upstream.pool import Pool


@dataclass(frozen=True, slots=True)
class Tools:
    """The engine, the planner, and the one pool, gate, ticker and list of models."""

    engine: Engine
    planner: Planner
    gate: Gate
    pool: Pool
    watchman: Watchman
    max_body_bytes: int
    offers: Offers
