"""One request of a client, with everything that its answer needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.pipeline.injecting import JoinedTools
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.stages import Stages
    from ccproxy.pipeline.tools import Tools
    from ccproxy.routing.facts import RequestFacts


@dataclass(slots=True)
class Call:
    """State of one request: what came, what it was taken for, where its answer goes, and what is known of it.

    `tools` stay the same until the request is over, whatever is reloaded meanwhile; `compat` is what the path says;
    one that `converts` goes by the unified format even to a provider of its own protocol, and so does one that
    `has_seals`. `joined` are the tools of all MCP servers.
    """

    tools: Tools
    request: BaseRequest
    reply: Reply
    facts: RequestFacts
    source: Protocol
    operation: Operation
    group: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    compat: bool = False
    converts: bool = False
    has_seals: Callable[[], bool] | None = None
    stages: Stages | None = None
    joined: JoinedTools | None = None

    @property
    def query(self) -> str:
        """The raw query of the path."""
        return self.request.raw_path.partition("?")[2]
