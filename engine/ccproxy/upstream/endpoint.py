"""Where a provider's operation is and which headers go there, made once for each key and model.

Nothing a client sent is in here: its credentials can never travel upstream.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from urllib.request import proxy_bypass

from aiohttp import ClientTimeout
from multidict import CIMultiDict
from yarl import URL

if TYPE_CHECKING:
    from ccproxy.config.model import Provider
    from ccproxy.mapping.protocol import Operation, Protocol

USER_AGENT: Final = "ccproxy"
# Compressed streams arrive late and cost time; upstreams that compress all the same are read all the same.
_COMMON: Final = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": USER_AGENT}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of one provider with one key."""

    provider: Provider
    url: URL
    stream_url: URL
    method: str
    headers: CIMultiDict[str] = field(repr=False)
    timeout: ClientTimeout
    proxy: URL | None = field(default=None, repr=False)


def build_endpoint(
    provider: Provider,
    key: str | None,
    model: str,
    protocol: Protocol,
    operation: Operation,
    proxies: Mapping[str, str],
) -> Endpoint:
    """Fill the templates of a protocol for one provider, key and model."""
    if operation.upstream is None:
        raise ValueError(f"operation {operation.name} of {protocol.name} has no upstream path")
    paths = operation.upstream
    url = _url(provider, paths.path, model)
    headers = upstream_headers(provider, key, protocol)
    stream_type = protocol.stream.content_type.partition(";")[0]
    return Endpoint(
        provider=provider,
        url=url,
        stream_url=url if paths.stream_path == paths.path else _url(provider, paths.stream_path, model),
        method=paths.method,
        headers=CIMultiDict({"accept": f"application/json, {stream_type}", **headers}),
        # Silence is watched elsewhere: aiohttp's own read timeout sets a timer for each piece.
        timeout=ClientTimeout(total=None, sock_connect=provider.timeouts.connect_s),
        proxy=proxy_for(url, proxies),
    )


def upstream_headers(provider: Provider, key: str | None, protocol: Protocol) -> dict[str, str]:
    """Return the headers of every request, later sources winning: common, protocol, key, provider."""
    auth = {name: text for name, text in protocol.auth.upstream.items() if key is not None or "{key}" not in text}
    templates = {**protocol.headers.upstream, **auth, **provider.headers}
    filled = {name.lower(): text.replace("{key}", key or "") for name, text in templates.items()}
    return {**_COMMON, **filled}


def proxy_for(url: URL, proxies: Mapping[str, str]) -> URL | None:
    """Return the outbound proxy that the environment names for an address, never for this machine."""
    named = proxies.get(url.scheme)
    host = url.host or ""
    if not named or host == "localhost" or _is_loopback(host) or proxy_bypass(host, dict(proxies)):
        return None
    return URL(named)


def _url(provider: Provider, path: str, model: str) -> URL:
    return URL(provider.base_url + path.replace("{model}", quote(model, safe="")), encoded=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
