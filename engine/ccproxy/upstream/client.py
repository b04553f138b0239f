"""The one pooled client session, and sending a request through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from ccproxy.upstream.failures import UPSTREAM_FAILURES, failure_of

if TYPE_CHECKING:
    from multidict import CIMultiDict
    from yarl import URL

    from ccproxy.upstream.endpoint import Endpoint

POOLED_FOR_S = 30.0


def open_session() -> aiohttp.ClientSession:
    """Open the session that all requests share."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=POOLED_FOR_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=1 << 18,
    )


async def send(
    session: aiohttp.ClientSession, endpoint: Endpoint, url: URL, headers: CIMultiDict[str], body: bytes
) -> aiohttp.ClientResponse:
    """Send a request and return the answer once its head is there; raise a ProxyError when that fails."""
    try:
        return await _post(session, endpoint, url, headers, body)
    except aiohttp.ServerDisconnectedError:
        return await _send_again(session, endpoint, url, headers, body)
    except UPSTREAM_FAILURES as error:
        raise failure_of(error, endpoint.provider) from error


async def _send_again(
    session: aiohttp.ClientSession, endpoint: Endpoint, url: URL, headers: CIMultiDict[str], body: bytes
) -> aiohttp.ClientResponse:
    """Try once more: most often a pooled connection had been closed by the other side while it was idle."""
    try:
        return await _post(session, endpoint, url, headers, body)
    except UPSTREAM_FAILURES as error:
        raise failure_of(error, endpoint.provider) from error


async def _post(
    session: aiohttp.ClientSession, endpoint: Endpoint, url: URL, headers: CIMultiDict[str], body: bytes
) -> aiohttp.ClientResponse:
    # Redirects are not followed: they would carry the key to an address that nobody configured.
    return await session.request(
        endpoint.method,
        url,
        data=body,
        headers=headers,
        allow_redirects=False,
        timeout=endpoint.timeout,
        proxy=endpoint.proxy,
    )
