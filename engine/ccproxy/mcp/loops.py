"""Keeps the proxy from standing behind itself, directly or through other proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ccproxy.mcp.link import LinkError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccproxy.mcp.link import Link

MARK: Final = "ccproxy"


def mark_of(instance: str, behind: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the experimental capability that tells other proxies who is here, and who is behind."""
    return {MARK: {"instances": sorted({instance, *behind})}}


def check_loop(link: Link, instance: str) -> frozenset[str]:
    """Return the proxies behind a server; raise LinkError when this one is among them."""
    capabilities = link.session.server_capabilities
    marks = (capabilities.experimental if capabilities else None) or {}
    instances = marks.get(MARK, {}).get("instances", ())
    if instance in instances:
        raise LinkError("it leads back to this proxy")
    return frozenset(name for name in instances if isinstance(name, str))
