"""What goes wrong on the way to a provider, as unified errors without keys, addresses or queries."""

from __future__ import annotations

import os
import socket
import ssl
from typing import TYPE_CHECKING, Final

from ccproxy.routing.failures import ProxyError
from ccproxy.upstream.head import BrokenAnswerError

if TYPE_CHECKING:
    from ccproxy.config.model import Provider

# What a connection to a provider may raise, besides bugs. TimeoutError and ssl.SSLError are OSErrors.
UPSTREAM_FAILURES: Final = (OSError, BrokenAnswerError)


def failure_of(error: Exception, provider: Provider, answering: bool = False) -> ProxyError:
    """Return the unified error for a connection that failed, or that broke when it was answering."""
    name = f"The provider `{provider.name}`"
    match error:
        case BrokenAnswerError():
            return ProxyError("upstream", 502, f"{name} sent an answer that is not complete HTTP: {error}.")
        case TimeoutError():
            return ProxyError("timeout", 504, f"{name} could not be reached in time.")
        case ssl.SSLCertVerificationError():
            return ProxyError("upstream", 502, f"The certificate of provider `{provider.name}` is not valid.")
        case socket.gaierror():
            return ProxyError("upstream", 502, f"The host of provider `{provider.name}` is unknown.")
    if answering:
        return ProxyError("upstream", 502, f"{name} broke off the connection.")
    if isinstance(error, ConnectionResetError):
        return ProxyError("upstream", 502, f"{name} closed the connection without an answer.")
    # asyncio's own texts hold the address.
    number = error.errno if isinstance(error, OSError) else None
    reason = os.strerror(number).lower() if number else "no connection"
    return ProxyError("upstream", 502, f"{name} cannot be reached: {reason}.")


def silence(provider: Provider, seconds: float, begun: bool) -> ProxyError:
    """Return the error for a provider that kept silent for too long."""
    what = "stopped sending" if begun else "did not begin its answer"
    return ProxyError("timeout", 504, f"The provider `{provider.name}` {what} for {seconds:g} seconds.")
