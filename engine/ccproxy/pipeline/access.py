"""Who may ask: the keys that clients present, compared in constant time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.config.model import AccessKey
    from ccproxy.mapping.protocol import Protocol


class Gate:
    """Lets clients in: all of them when no keys are configured."""

    def __init__(self, keys: Sequence[AccessKey]) -> None:
        self._keys = tuple(keys)

    def admit(self, protocol: Protocol, headers: Mapping[str, str], query: str) -> AccessKey | None:
        """Return the key that a client presented; raise when it presented none that is known."""
        if not self._keys:
            return None
        token = presented_key(protocol, headers, query)
        if token is None:
            raise ProxyError("authentication", 401, "This proxy needs an access key, and the request has none.")
        digest = sha256(token.encode()).digest()
        found = None
        for key in self._keys:
            if compare_digest(digest, key.digest):
                found = key
        if found is None:
            raise ProxyError("authentication", 401, "The access key is not known to this proxy.")
        return found


def presented_key(protocol: Protocol, headers: Mapping[str, str], query: str) -> str | None:
    """Return the first key that stands where clients of this protocol put theirs."""
    for name in protocol.auth.client_headers:
        value = headers.get(name, "")
        if name == "authorization":
            scheme, _, value = value.partition(" ")
            value = value if scheme.lower() == "bearer" else ""
        if value.strip():
            return value.strip()
    parameters = parse_qs(query) if query and protocol.auth.client_query else {}
    return next((parameters[name][0] for name in protocol.auth.client_query if name in parameters), None)
