"""Every route of every protocol behind every prefix, however clients write it."""

from __future__ import annotations

import re

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.routing.paths import RouteTable
from ccproxy.routing.table import build_route_table, reserved_names

PREFIXES = {
    "": (None, False),
    "/team": ("team", False),
    "/switch": ("switch", False),
    "/compat": (None, True),
    "/compat_mode": (None, True),
    "/team/compat": ("team", True),
    "/team/compat_mode": ("team", True),
    "/switch/compat": ("switch", True),
}
SPELLINGS = {"as it is": "{}", "trailing slash": "{}/", "doubled slash": "/{}"}
PROTOCOLS = Engine.load().protocols
ROUTES = sorted(
    {
        (method.upper(), path, name)
        for name, protocol in PROTOCOLS.items()
        for operation in protocol.operations.values()
        for method, path in operation.routes
    }
)


@pytest.fixture(scope="module")
def table() -> RouteTable:
    return build_route_table(PROTOCOLS.values())


def example(path: str) -> str:
    """A path as a client writes it: parameters filled, one of several words taken."""
    return re.sub(r"\{(\w+)(?:=([\w|]+))?\}", lambda hit: hit[2].split("|")[0] if hit[2] else f"a-{hit[1]}", path)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("method", "path", "protocol"), ROUTES)
def test_leads_to_its_protocol(table: RouteTable, method: str, path: str, protocol: str, prefix: str) -> None:
    for spelling in SPELLINGS.values():
        match = table.find(spelling.format(prefix + example(path)))

        assert match is not None
        assert protocol in {route.protocol for route in match.routes[method]}
        assert PREFIXES[prefix] == (match.group, match.compat)


@pytest.mark.parametrize("path", sorted({path for _, path, _ in ROUTES if path.startswith("/v")}))
def test_a_version_may_come_twice(table: RouteTable, path: str) -> None:
    version = path.split("/")[1]

    for prefix, expected in PREFIXES.items():
        match = table.find(f"{prefix}/{version}{example(path)}")
        assert match is not None
        assert expected == (match.group, match.compat)


def test_no_group_can_have_a_name_that_leads_elsewhere() -> None:
    reserved = reserved_names(PROTOCOLS.values())

    assert {path.split("/")[1] for _, path, _ in ROUTES} <= reserved
    assert {"switch", "compat", "compat_mode", "mcp", "admin", "health", "ready", "metrics"} <= reserved
