"""Connections that wait for the next request, one stack for each address."""

from __future__ import annotations

import asyncio
import ssl
from time import monotonic
from typing import TYPE_CHECKING, Final

from ccproxy.upstream.connection import Connection
from ccproxy.upstream.tunnel import open_through_proxy

if TYPE_CHECKING:
    from ccproxy.upstream.endpoint import Endpoint, Origin

IDLE_FOR_S: Final = 20.0
MOST_IDLE: Final = 256


class Pool:
    """State: idle connections by address."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Connection]] = {}
        self._context: ssl.SSLContext | None = None
        self._closed = False

    def take(self, origin: Origin) -> Connection | None:
        """Return an idle connection, the most recently used first; old ones are closed on the way."""
        stack = self._idle.get(origin)
        while stack:
            connection = stack.pop()
            if connection.is_open and monotonic() - connection.idle_since < IDLE_FOR_S:
                return connection
            connection.close()
        return None

    async def open(self, endpoint: Endpoint) -> Connection:
        """Return a new connection; raises OSError, ssl.SSLError or TimeoutError."""
        origin = endpoint.origin

        def release(connection: Connection) -> None:
            self._give_back(origin, connection)

        connection = Connection(release)
        context = self._tls() if origin.tls else None
        async with asyncio.timeout(endpoint.provider.timeouts.connect_s):
            if endpoint.proxy is not None:
                await open_through_proxy(endpoint.proxy, origin, connection, context)
            else:
                await asyncio.get_running_loop().create_connection(
                    lambda: connection, origin.host, origin.port, ssl=context
                )
        return connection

    def close(self) -> None:
        """Close every idle connection; busy ones close when they are done."""
        self._closed = True
        for stack in self._idle.values():
            for connection in stack:
                connection.close()
        self._idle.clear()

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        stack = self._idle.setdefault(origin, [])
        if self._closed or len(stack) >= MOST_IDLE:
            connection.close()
            return
        connection.idle_since = monotonic()
        stack.append(connection)

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context
