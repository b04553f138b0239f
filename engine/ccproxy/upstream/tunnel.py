"""Connections through an outbound HTTP proxy: a CONNECT tunnel for TLS, plain requests by full address otherwise."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING, cast

from ccproxy.upstream.head import BrokenAnswerError, parse_head

if TYPE_CHECKING:
    from yarl import URL

    from ccproxy.upstream.connection import Connection
    from ccproxy.upstream.endpoint import Origin


class _Answered(asyncio.Protocol):
    """Waits for the head of the proxy's answer to CONNECT."""

    def __init__(self) -> None:
        self.head: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._held = b""

    def data_received(self, data: bytes) -> None:
        self._held += data
        if b"\r\n\r\n" in self._held and not self.head.done():
            self.head.set_result(self._held.partition(b"\r\n\r\n")[0])

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.head.done():
            self.head.set_exception(exc or ConnectionResetError())


async def open_through_proxy(
    proxy: URL, origin: Origin, connection: Connection, context: ssl.SSLContext | None
) -> None:
    """Connect by way of a proxy."""
    loop = asyncio.get_running_loop()
    host, port = proxy.host or "", proxy.port or 80
    if context is None:
        await loop.create_connection(lambda: connection, host, port)
        return
    transport, answered = await loop.create_connection(_Answered, host, port)
    try:
        transport.write(connect_request(proxy, origin))
        head = parse_head(await answered.head)
        if head.status != 200:
            raise BrokenAnswerError(f"the outbound proxy refused with {head.status}")
        tunnel = await loop.start_tls(transport, connection, context, server_hostname=origin.host)
    except BaseException:
        transport.close()
        raise
    connection.connection_made(cast("asyncio.Transport", tunnel))


def connect_request(proxy: URL, origin: Origin) -> bytes:
    """Return the request for a tunnel, with the credentials that the proxy's address holds."""
    address = f"{origin.host}:{origin.port}"
    lines = [f"CONNECT {address} HTTP/1.1", f"host: {address}", *proxy_credentials(proxy)]
    return "\r\n".join([*lines, "", ""]).encode()


def proxy_credentials(proxy: URL) -> list[str]:
    """Return the header line that names the user of a proxy."""
    if proxy.user is None:
        return []
    credentials = b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode()
    return [f"proxy-authorization: Basic {credentials}"]
