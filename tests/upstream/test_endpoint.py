"""Addresses and headers of requests to providers."""

from __future__ import annotations

import pytest
from yarl import URL

from ccproxy.config.model import Provider
from ccproxy.jsontypes import Json
from ccproxy.mapping.protocol import build_protocol
from ccproxy.upstream.endpoint import Endpoint, Origin, build_endpoint

FACTS: dict[str, Json] = {
    "protocol": "p",
    "operations": {
        "chat": {
            "routes": [],
            "upstream": {"path": "/models/{model}:run", "stream_path": "/models/{model}:stream?alt=sse"},
        }
    },
    "auth": {"upstream": {"Authorization": "Bearer {key}"}},
    "headers": {"upstream": {"x-version": "1"}},
}
PROTOCOL = build_protocol(FACTS)


def build(base_url: str, key: str | None = "k", proxies: dict[str, str] | None = None, **headers: str) -> Endpoint:
    provider = Provider("here", "p", base_url, headers=headers)
    return build_endpoint(provider, key, "org/m 1", PROTOCOL, PROTOCOL.operations["chat"], proxies or {})


def test_fills_paths_with_the_model() -> None:
    endpoint = build("https://host.example/v1")

    assert Origin("host.example", 443, True) == endpoint.origin
    assert "/v1/models/org%2Fm%201:run" == endpoint.target
    assert "/v1/models/org%2Fm%201:stream?alt=sse" == endpoint.stream_target
    assert ("host.example", "Bearer k", "1") == tuple(
        endpoint.headers[name] for name in ("host", "authorization", "x-version")
    )


def test_names_the_port_and_nothing_else_in_the_host_header() -> None:
    endpoint = build("http://user:secret@[::1]:8080")

    assert ("[::1]:8080", Origin("::1", 8080, False)) == (endpoint.headers["host"], endpoint.origin)


def test_a_provider_without_keys_gets_no_key_header() -> None:
    assert "authorization" not in build("http://host", key=None).headers


def test_the_providers_own_headers_win() -> None:
    endpoint = build("http://host", **{"X-Version": "2", "X-Key": "a {key} b\r\nevil: 1"})

    assert ("2", "a k bevil: 1") == (endpoint.headers["x-version"], endpoint.headers["x-key"])


def test_writes_a_request_head() -> None:
    head = build("http://host").request_head("/t?a=b", {"x-version": "9"})

    assert head.startswith(b"POST /t?a=b HTTP/1.1\r\nhost: host\r\n")
    assert b"\r\nx-version: 9\r\n" in head
    assert head.endswith(b"\r\ncontent-length: ")


@pytest.mark.parametrize(
    ("base_url", "target", "proxy"),
    [
        ("https://host.example", "/models/org%2Fm%201:run", "http://proxy:3128"),
        ("http://host.example", "http://host.example/models/org%2Fm%201:run", "http://user:pw@proxy:80"),
        ("http://127.0.0.1:1", "/models/org%2Fm%201:run", None),
        ("http://localhost:1", "/models/org%2Fm%201:run", None),
    ],
)
def test_goes_through_the_proxy_of_the_environment(base_url: str, target: str, proxy: str | None) -> None:
    endpoint = build(base_url, proxies={"https": "http://proxy:3128", "http": "user:pw@proxy:80"})

    assert (URL(proxy) if proxy else None, target) == (endpoint.proxy, endpoint.target)


def test_shows_no_key_in_its_repr() -> None:
    assert "Bearer" not in repr(build("http://host"))
