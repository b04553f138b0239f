"""Who asks: one client session, or one request of a client that keeps no session."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from mcp_types import ClientCapabilities
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp.server.session import ServerSession

SCOPE_KEY: Final = "ccproxy.party"
LEVELS: Final = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")


@dataclass(slots=True, eq=False)
class Party:
    """State of one asker; `speaker` is the way to talk to it outside of its requests."""

    name: str
    key: str = ""
    lasting: bool = False
    speaker: ServerSession | None = None
    log_level: str | None = None
    subscriptions: set[str] = field(default_factory=set)

    @property
    def capabilities(self) -> ClientCapabilities:
        """What the client says that it can do."""
        known = self.speaker.client_capabilities if self.speaker is not None else None
        return known or ClientCapabilities()

    @property
    def is_modern(self) -> bool:
        """Whether it speaks a revision without sessions, where questions are part of results."""
        return self.speaker is not None and self.speaker.protocol_version in MODERN_PROTOCOL_VERSIONS

    def wants_level(self, level: str) -> bool:
        """Whether it wants log messages as grave as this; of old, silence means all, and in newer revisions none."""
        if self.log_level not in LEVELS or level not in LEVELS:
            return not self.is_modern
        return LEVELS.index(level) >= LEVELS.index(self.log_level)


def party_of(context: ServerRequestContext[Any, Any], fallback: Party) -> Party:
    """Return who sent a message; over stdio there is no HTTP request, and one party only."""
    scope = getattr(context.request, "scope", None)
    party = scope.get(SCOPE_KEY) if scope is not None else None
    return party if isinstance(party, Party) else fallback
