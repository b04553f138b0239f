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

from yarl import URL

from ccproxy.upstream.tunnel import proxy_credentials

if TYPE_CHECKING:
    from ccproxy.config.model import Provider
    from ccproxy.mapping.protocol import Operation, Protocol

# Compressed streams arrive late and cost time; upstreams that compress all the same are read all the same.
_COMMON: Final = {"content-type": "application/json", "accept-encoding": "identity", "user-agent": "ccproxy"}
# A shorter key is a placeholder such as `x`, and part of ordinary words.
SHORTEST_SECRET: Final = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """An address that connections go to."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of one provider with one key. Targets are what follows the method in a request line."""

    provider: Provider
    origin: Origin
    method: str
    target: str
    stream_target: str
    headers: Mapping[str, str] = field(repr=False)
    proxy: URL | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)

    def without_key(self, told: bytes) -> bytes:
        """Return what a provider told, without the key, which some repeat in their errors."""
        return told.replace(self.key.encode(), b"***") if self.key and len(self.key) >= SHORTEST_SECRET else told

    def request_head(self, target: str, forwarded: Mapping[str, str]) -> bytes:
        """Return a request's head up to the value of its last header, content-length."""
        headers = {**self.headers, **forwarded} if forwarded else self.headers
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
) -> Endpoint:
    """Fill the templates of a protocol for one provider, key and model."""
    paths = operation.upstream
    if paths is None:
        raise ValueError(f"operation {operation.name} of {protocol.name} has no upstream path")
    base = URL(provider.base_url)
    proxy = proxy_for(base, proxies)
    prefix = f"{base.scheme}://{base.raw_authority}" if proxy is not None and base.scheme == "http" else ""
    headers = upstream_headers(provider, key, protocol)
    host = {"host": base.raw_authority.rpartition("@")[2]}
    return Endpoint(
        provider=provider,
        origin=Origin(base.host or "", base.port or 0, base.scheme == "https"),
        method=paths.method,
        target=prefix + _target(base, paths.path, model),
        stream_target=prefix + _target(base, paths.stream_path, model),
        headers={**host, **headers, **_proxy_header(proxy if prefix else None)},
        proxy=proxy,
        key=key,
    )


def upstream_headers(provider: Provider, key: str | None, protocol: Protocol) -> dict[str, str]:
    """Return the headers of every request, later sources winning: common, protocol, key, provider."""
    auth = {name: text for name, text in protocol.auth.upstream.items() if key is not None or "{key}" not in text}
    templates = {**protocol.headers.upstream, **auth, **provider.headers}
    filled = {name.lower(): _one_line(text.replace("{key}", key or "")) for name, text in templates.items()}
    accept = f"application/json, {protocol.stream.content_type.partition(';')[0]}"
    return {**_COMMON, "accept": accept, **filled}


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


def _one_line(text: str) -> str:
    return text.replace("\r", "").replace("\n", "").strip()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
