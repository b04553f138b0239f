"""Where a provider's operation is and which headers go there, made once for each key and model.

Nothing a client sent is in here: its credentials can never travel upstream. Headers that are another for every request
are kept as templates.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from urllib.request import proxy_bypass

from yarl import URL

from ccproxy.config.outbound import NO_PROXY, SYSTEM_PROXY
from ccproxy.policy.headers import filled, is_fresh
from ccproxy.upstream.tunnel import proxy_credentials

if TYPE_CHECKING:
    from ccproxy.config.model import Provider
    from ccproxy.mapping.protocol import Operation, Protocol

# Compressed streams arrive late and cost time; upstreams that compress all the same are read all the same.
_COMMON: Final = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "ccproxy"}
NO_VALUES: Final[Mapping[str, str]] = {}
# A shorter key is a placeholder such as `x`, and part of ordinary words.
SHORTEST_SECRET: Final = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """An address that connections go to, and the outbound proxy that they go by."""

    host: str
    port: int
    tls: bool
    via: URL | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of one provider with one key. Targets are what follows the method in a request line.

    `fresh_headers` are templates of headers that `request_head` fills anew for each request.
    """

    provider: Provider
    origin: Origin
    method: str
    target: str
    stream_target: str
    headers: Mapping[str, str] = field(repr=False)
    proxy: URL | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    fresh_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def without_key(self, told: bytes) -> bytes:
        """Return what a provider told, without the key, which some repeat in their errors."""
        return told.replace(self.key.encode(), b"***") if self.key and len(self.key) >= SHORTEST_SECRET else told

    def request_head(self, target: str, forwarded: Mapping[str, str], values: Mapping[str, str] = NO_VALUES) -> bytes:
        """Return a request's head up to the value of its last header, content-length.

        `values` fill the headers that are another for every request.
        """
        headers = {**self.headers, **forwarded} if forwarded else self.headers
        if self.fresh_headers:
            headers = {**headers, **{name: filled(text, values) for name, text in self.fresh_headers.items()}}
        lines = [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([f"{self.method} {target} HTTP/1.1", *lines, "content-length: "]).encode(
            "utf-8", "surrogateescape"
        )


def build_endpoint(
    provider: Provider,
    key: str | None,
    model: str,
    protocol: Protocol,
    operation: Operation,
    proxies: Mapping[str, str],
    more_headers: Mapping[str, str] = NO_VALUES,
) -> Endpoint:
    """Fill the templates of a protocol for one provider, key and model; `more_headers` win over the provider's own.

    An empty text leaves a header out.
    """
    paths = operation.upstream
    if paths is None:
        raise ValueError(f"operation {operation.name} of {protocol.name} has no upstream path")
    base = URL(provider.base_url)
    proxy = outbound_proxy(provider, key, base, proxies)
    prefix = f"{base.scheme}://{base.raw_authority}" if proxy is not None and base.scheme == "http" else ""
    templates = upstream_headers(provider, key, protocol, more_headers)
    values = {"key": key or "", "model": quote(model, safe="/:@")}
    headers = {name: filled(text, values) for name, text in templates.items() if text and not is_fresh(text)}
    host = {"host": base.raw_authority.rpartition("@")[2]}
    return Endpoint(
        provider=provider,
        origin=Origin(base.host or "", base.port or 0, base.scheme == "https", proxy),
        method=paths.method,
        target=prefix + _target(base, paths.path, model),
        stream_target=prefix + _target(base, paths.stream_path, model),
        headers={**host, **headers, **_proxy_header(proxy if prefix else None)},
        proxy=proxy,
        key=key,
        fresh_headers={name: filled(text, values) for name, text in templates.items() if is_fresh(text)},
    )


def upstream_headers(
    provider: Provider, key: str | None, protocol: Protocol, more: Mapping[str, str] = NO_VALUES
) -> dict[str, str]:
    """Return templates of headers, later sources winning: common, protocol, key, provider, group."""
    auth = {name: text for name, text in protocol.auth.upstream.items() if key is not None or "{key}" not in text}
    sources = (protocol.headers.upstream, auth, provider.headers, more)
    accept = f"application/json, {protocol.stream.content_type.partition(';')[0]}"
    return {**_COMMON, "accept": accept, **{name.lower(): text for each in sources for name, text in each.items()}}


def outbound_proxy(provider: Provider, key: str | None, url: URL, proxies: Mapping[str, str]) -> URL | None:
    """Return the proxy that the provider names for a key, else the environment's."""
    named = provider.proxy_for(key)
    if named is None or named == SYSTEM_PROXY:
        return proxy_for(url, proxies)
    return None if named == NO_PROXY else URL(named)


def proxy_for(url: URL, proxies: Mapping[str, str]) -> URL | None:
    """Return the outbound proxy that the environment names for an address, never for this machine."""
    named = proxies.get(url.scheme)
    host = url.host or ""
    if not named or host == "localhost" or _is_loopback(host) or proxy_bypass(host, dict(proxies)):
        return None
    return URL(named if "://" in named else f"http://{named}")


def _target(base: URL, path: str, model: str) -> str:
    return base.raw_path.rstrip("/") + path.replace("{model}", quote(model, safe=""))


def _proxy_header(proxy: URL | None) -> dict[str, str]:
    lines = proxy_credentials(proxy) if proxy is not None else []
    return dict(line.split(": ", 1) for line in lines)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
