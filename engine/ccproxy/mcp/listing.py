"""Asks a server for everything that it offers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import mcp_types as types
from mcp.shared.exceptions import MCPError

from ccproxy.mcp.offer import KINDS, Offer

if TYPE_CHECKING:
    from ccproxy.mcp.link import Link
    from ccproxy.mcp.offer import Thing

log: Final = logging.getLogger("ccproxy.mcp")

MOST_PAGES: Final = 200
MOST_THINGS: Final = 20_000


async def list_everything(link: Link) -> Offer:
    """Return a server's offer; what it has not, or fails to list, is empty."""
    capabilities = link.session.server_capabilities or types.ServerCapabilities()
    things: dict[str, tuple[Thing, ...]] = {}
    for kind, (method, capability) in KINDS.items():
        if getattr(capabilities, capability) is not None:
            things[kind] = tuple(await _list(link, kind, method))
    return Offer(things, link.session.instructions or "", capabilities.extensions or {})


async def learn_tools(link: Link) -> None:
    """Let the SDK see the tools' schemas: some say which arguments travel in headers too."""
    cursor = None
    for _ in range(MOST_PAGES):
        page = await link.session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
        cursor = page.next_cursor
        if cursor is None:
            break
    link.listed_tools = True


async def _list(link: Link, kind: str, method: str) -> list[Thing]:
    found: dict[str, Thing] = {}
    params: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        try:
            page = await link.request(method, params)
        except MCPError as error:
            if error.code != types.METHOD_NOT_FOUND:
                log.warning("mcp server %s: %s failed: %s", link.name, method, error)
                if error.code == types.CONNECTION_CLOSED:
                    raise
            break
        for thing in page.get(kind, ()):
            found.setdefault(_identity(thing), thing)
        cursor = page.get("nextCursor")
        if not isinstance(cursor, str) or len(found) > MOST_THINGS:
            break
        params = {"cursor": cursor}
    return list(found.values())


def _identity(thing: Thing) -> str:
    return str(thing.get("uri") or thing.get("uriTemplate") or thing["name"])
