"""Read no faster from an upstream than its client takes."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from ccproxy.pipeline.reply import ClientGoneError

if TYPE_CHECKING:
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.watch import Watch
    from ccproxy.upstream.connection import Connection


class Brake:
    """State: whether an upstream's connection is paused until its client has taken most of what was written."""

    __slots__ = ("_reply", "_waiting", "_watch")

    def __init__(self, reply: Reply, watch: Watch) -> None:
        self._reply = reply
        self._watch = watch
        self._waiting: asyncio.Task[None] | None = None

    def hold(self, connection: Connection | None) -> None:
        """Pause a connection until the client has caught up."""
        if connection is not None and (self._waiting is None or self._waiting.done()):
            connection.pause()
            self._waiting = asyncio.ensure_future(self._release(connection))

    async def _release(self, connection: Connection) -> None:
        try:
            await self._reply.drain()
        except ClientGoneError:
            return
        self._watch.moved_at = monotonic()
        connection.resume()
