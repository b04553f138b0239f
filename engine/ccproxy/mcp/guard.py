"""Refuses requests that a web page made without its user's knowledge: DNS rebinding and foreign origins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ccproxy.config.access import is_loopback

if TYPE_CHECKING:
    from ccproxy.config.mcp_settings import McpSettings

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Guard:
    """Host names under which the proxy may be asked (None: any), and web origins that may ask."""

    hosts: frozenset[str] | None
    origins: frozenset[str]

    def refusal(self, host: str | None, origin: str | None) -> tuple[int, str] | None:
        """Return the status and the reason for refusing a request, or None."""
        if self.hosts is not None and host_name(host or "") not in self.hosts:
            return 421, "This host name is not one of the proxy's; see mcp.allowed_hosts."
        if origin is not None and not self.admits(origin):
            return 403, "This web origin may not use the proxy; see mcp.allowed_origins."
        return None

    def admits(self, origin: str) -> bool:
        """Whether a page of this origin may ask."""
        return origin in self.origins or host_name(urlsplit(origin).netloc) in LOCAL_NAMES


def build_guard(settings: McpSettings, bound_to: str) -> Guard:
    """Make the guard of a server that listens on an address."""
    if settings.allowed_hosts:
        hosts: frozenset[str] | None = frozenset(settings.allowed_hosts) | LOCAL_NAMES
    else:
        hosts = LOCAL_NAMES | {bound_to} if is_loopback(bound_to) else None
    return Guard(hosts, frozenset(settings.allowed_origins))


def host_name(netloc: str) -> str:
    """Return the host of `host:port`, in lower case and without brackets."""
    if netloc.startswith("["):
        return netloc[1:].partition("]")[0].lower()
    return netloc.partition(":")[0].lower()
