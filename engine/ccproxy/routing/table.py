"""Group names that the paths of the proxy itself make unusable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ccproxy.routing.paths import COMPAT, Route, RouteTable

if TYPE_CHECKING:
    from ccproxy.mapping.protocol import Protocol

# First segments of paths that the proxy answers, or will answer, itself.
RESERVED: Final = COMPAT | {"switch", "mcp", "admin", "health", "ready", "readyz", "metrics", "favicon.ico"}


def build_route_table(protocols: Iterable[Protocol]) -> RouteTable:
    """Compile the routes of every operation of every protocol."""
    return RouteTable(
        Route(protocol.name, operation.name, method.upper(), path.rstrip("/"))
        for protocol in protocols
        for operation in protocol.operations.values()
        for method, path in operation.routes
    )


def reserved_names(protocols: Iterable[Protocol]) -> frozenset[str]:
    """Return the names that no group can have: paths that begin with them lead elsewhere."""
    return RESERVED | build_route_table(protocols).first_segments
