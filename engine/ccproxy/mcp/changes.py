"""News from a server: which resources are watched, and how the server is asked to tell."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

import mcp_types as types
from mcp.client.subscriptions import listen

from ccproxy.mcp.link import reason_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ccproxy.mcp.link import Link

log: Final = logging.getLogger("ccproxy.mcp")

AGAIN_AFTER_S: Final = 5.0


class Changes:
    """State: the resources that somebody watches, and the stream of changes of a newer server."""

    def __init__(self) -> None:
        self._uris: dict[str, int] = {}
        self._listener: asyncio.Task[None] | None = None

    async def watch(self, uri: str, count: int, connect: Callable[[], Awaitable[Link]]) -> None:
        """Count who wants to hear of a resource; the first and the last are told to the server."""
        before = self._uris.get(uri, 0)
        self._uris[uri] = before + count
        if self._uris[uri] <= 0:
            del self._uris[uri]
        if (before > 0) == (uri in self._uris):
            return
        link = await connect()
        if link.is_modern:
            self._listen(link)
        else:
            await link.request("resources/subscribe" if count > 0 else "resources/unsubscribe", {"uri": uri})

    async def begin(self, link: Link) -> None:
        """Ask a server that has just started for news."""
        if link.is_modern:
            self._listen(link)
            return
        for uri in self._uris:
            await link.request("resources/subscribe", {"uri": uri})

    def stop(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.cancel()

    def _listen(self, link: Link) -> None:
        self.stop()
        self._listener = asyncio.create_task(self._hear(link))

    async def _hear(self, link: Link) -> None:
        """Keep a stream open; what it brings arrives as notifications."""
        while link.is_ready:
            try:
                async with listen(
                    link.session,
                    tools_list_changed=True,
                    prompts_list_changed=True,
                    resources_list_changed=True,
                    resource_subscriptions=list(self._uris),
                ) as changes:
                    async for _ in changes:
                        pass
            except Exception as error:
                log.debug("mcp server %s: no stream of changes: %s", link.name, reason_of(error))
                if getattr(error, "code", 0) in (types.METHOD_NOT_FOUND, types.INVALID_PARAMS):
                    return
            await asyncio.sleep(AGAIN_AFTER_S)
