"""What goes wrong on the way to a provider, as unified errors without keys, addresses or queries."""

from __future__ import annotations

import asyncio
import os
import ssl
from typing import TYPE_CHECKING

import aiohttp

from ccproxy.routing.failures import ProxyError
from ccproxy.wire.limits import EventTooLargeError

if TYPE_CHECKING:
    from ccproxy.config.model import Provider

# Everything that a request to a provider may raise, besides bugs.
UPSTREAM_FAILURES = (aiohttp.ClientError, OSError, asyncio.TimeoutError, EventTooLargeError, ValueError)


def failure_of(error: BaseException, provider: Provider) -> ProxyError:
    """Return the unified error for an exception of the HTTP client."""
    name = f"The provider `{provider.name}`"
    match error:
        case ProxyError():
            return error
        case EventTooLargeError():
            return ProxyError("upstream", 502, f"{name} sent an event of more than {error.limit_bytes} bytes.")
        case aiohttp.ConnectionTimeoutError() | aiohttp.ServerTimeoutError() | asyncio.TimeoutError():
            return ProxyError("timeout", 504, f"{name} could not be reached in time.")
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return ProxyError("upstream", 502, f"The certificate of provider `{provider.name}` is not valid.")
        case aiohttp.ClientConnectorDNSError():
            return ProxyError("upstream", 502, f"The host of provider `{provider.name}` is unknown.")
        case aiohttp.ClientConnectorError():
            # asyncio's own text for these holds the address.
            reason = os.strerror(error.os_error.errno).lower() if error.os_error.errno else "no connection"
            return ProxyError("upstream", 502, f"{name} cannot be reached: {reason}.")
        case aiohttp.ServerDisconnectedError():
            return ProxyError("upstream", 502, f"{name} closed the connection without an answer.")
        case aiohttp.ClientPayloadError():
            return ProxyError("upstream", 502, f"{name} broke off its answer.")
        case aiohttp.ClientResponseError():
            return ProxyError("upstream", 502, f"{name} sent something that is not HTTP.")
    return ProxyError("upstream", 502, f"The connection to provider `{provider.name}` failed.")


def silence(provider: Provider, seconds: float, begun: bool) -> ProxyError:
    """Return the error for a provider that kept silent for too long."""
    what = "stopped sending" if begun else "did not begin its answer"
    return ProxyError("timeout", 504, f"The provider `{provider.name}` {what} for {seconds:g} seconds.")
