"""Who looks at the proxy's own pages: somebody with a key, somebody at this machine, or anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ccproxy.config.access import is_loopback
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.server.version import Version

# Set by proxies in front of this one; what comes through them does not come from this machine.
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip")
_OWN_PAGE: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """What somebody may see: `sees_details` of this configuration, of `groups` only unless that is empty.

    `is_admin` may change things; `shown` tells whether a key was presented at all.
    """

    sees_details: bool = False
    is_admin: bool = False
    shown: bool = False
    groups: tuple[str, ...] = ()


def visitor_of(request: BaseRequest, version: Version) -> Visitor:
    """Return what the sender of a request may see; pages of other sites in a browser may see as little as anybody."""
    keys = version.config.access
    if is_foreign_page(request.headers):
        return Visitor()
    if not keys:
        is_here = is_from_here(request)
        return Visitor(sees_details=is_here, is_admin=is_here)
    gate, query = version.tools.gate, request.raw_path.partition("?")[2]
    try:
        key = gate.identify(None, request.headers, query)
    except ProxyError:
        return Visitor(shown=any(gate.presented(None, request.headers, query)))
    return Visitor(True, key.admin, True, key.groups) if key else Visitor()


def is_from_here(request: BaseRequest) -> bool:
    """Whether a request comes from this machine, and was addressed to it by a name that only it has.

    The name keeps out pages of a site whose own name was made to point to this machine.
    """
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not peer or not is_loopback(str(peer[0])) or any(name in request.headers for name in _FORWARDED):
        return False
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return host is None or is_loopback(host)


def is_foreign_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser sends this for a page that is not the proxy's own."""
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return True
    return (
        headers.get("sec-fetch-mode", "navigate") != "navigate"
        and headers.get("sec-fetch-site", "same-origin") not in _OWN_PAGE
    )
