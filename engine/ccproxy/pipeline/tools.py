"""What all requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from ccproxy.pipeline.access import Gate
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.plan import Planner
    from ccproxy.pipeline.watch import Watchman


@dataclass(frozen=True, slots=True)
class Tools:
    """The engine, the planner, and the one session, gate and ticker."""

    engine: Engine
    planner: Planner
    gate: Gate
    session: ClientSession
    watchman: Watchman
    max_body_bytes: int
