"""Group names that the paths of the proxy itself make unusable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ccproxy.routing.paths import Route, RouteTable

if TYPE_CHECKING:
    from ccproxy.mapping.protocol import Protocol

# First segments of paths that the proxy answers, or will answer, itself.
RESERVED: Final = frozenset({"switch", "compat", "compat_mode", "mcp", "health", "readyz", "metrics", "favicon.ico"})


def build_route_table(protocols: Iterable[Protocol]) -> RouteTable:
    """Compile the routes of every operation of every protocol."""
    return RouteTable(
        Route(protocol.name, operation.name, method.upper(), path.rstrip("/"))
        for protocol in protocols
        for operation in protocol.operations.values()
        for method, path in operation.routes
    )


def unusable_groups(groups: Iterable[str], table: RouteTable) -> list[str]:
    """Return the groups whose paths lead elsewhere: a protocol's route or a page of the proxy comes first."""
    return [name for name in groups if name in RESERVED or name in table.first_segments or "/" in name]
