"""Who may ask: the keys that clients present, compared in constant time, and what each may still do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.config.model import AccessKey
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.pipeline.call import Call
    from ccproxy.state.limits import Limits


class Gate:
    """Lets clients in: all of them when no keys are configured.

    A key counts wherever any of the protocols has its own, since many clients put theirs where another one would.
    """

    def __init__(
        self,
        keys: Sequence[AccessKey],
        protocols: Iterable[Protocol] = (),
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = tuple(keys)
        self._limits = limits
        self._clock = clock
        places = [protocol.auth for protocol in protocols]
        self._headers = tuple(dict.fromkeys(name for auth in places for name in auth.client_headers))
        self.query_names = tuple(dict.fromkeys(name for auth in places for name in auth.client_query))

    def admit(self, protocol: Protocol | None, headers: Mapping[str, str], query: str) -> AccessKey | None:
        """Return the key that a client presented, and count the request; raise when it may not send one."""
        key = self.identify(protocol, headers, query)
        self.charge(key)
        return key

    def identify(self, protocol: Protocol | None, headers: Mapping[str, str], query: str) -> AccessKey | None:
        """Return the key that a client presented; raise when it presented none that is known and valid."""
        if not self._keys:
            return None
        presented = [*self.presented(protocol, headers, query)]
        if not presented:
            raise ProxyError("authentication", 401, "This proxy needs an access key, and the request has none.")
        digests = [sha256(token.encode("utf-8", "surrogateescape")).digest() for token in presented]
        known = [key for digest in digests for key in self._keys if compare_digest(digest, key.digest)]
        if not known:
            raise ProxyError("authentication", 401, "The access key is not known to this proxy.")
        now = self._clock()
        valid = next((key for key in known if key.expires is None or now < key.expires), None)
        if valid is None:
            raise ProxyError("authentication", 401, "The access key has expired.")
        return valid

    def charge(self, key: AccessKey | None) -> None:
        """Count a request of a key; raise when the key has reached a limit."""
        if key is not None and self._limits is not None:
            self._limits.admit(key)

    def presented(self, protocol: Protocol | None, headers: Mapping[str, str], query: str) -> Iterator[str]:
        """Yield what stands where clients put keys, those of this protocol first."""
        own = protocol.auth if protocol else None
        for name in dict.fromkeys((*(own.client_headers if own else ()), *self._headers)):
            value = headers.get(name, "")
            if name == "authorization":
                scheme, _, value = value.partition(" ")
                value = value if scheme.lower() == "bearer" else ""
            if value.strip():
                yield value.strip()
        names = dict.fromkeys((*(own.client_query if own else ()), *self.query_names)) if query else {}
        parameters = parse_qs(query) if names else {}
        yield from (parameters[name][0] for name in names if name in parameters)


def let_in(call: Call) -> AccessKey | None:
    """Return the key of a request, which its facts name even when it has reached a limit; raise when it has."""
    gate = call.tools.gate
    key = gate.identify(call.source, call.request.headers, call.query)
    call.facts.key = key.name if key else ""
    gate.charge(key)
    return key
