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


def test_headers_of_a_group_win() -> None:
    provider = Provider("here", "p", "http://host", headers={"x-team": "a", "x-own": "o"})
    chat = PROTOCOL.operations["chat"]
    endpoint = build_endpoint(provider, "k", "m", PROTOCOL, chat, {}, {"X-Team": "b {model}"})

    assert ("b m", "o") == (endpoint.headers["x-team"], endpoint.headers["x-own"])


def test_fills_some_headers_for_every_request() -> None:
    endpoint = build("http://host", **{"X-Id": "{request} {model} {key} {other}"})

    assert "x-id" not in endpoint.headers
    head = endpoint.request_head("/t", {}, {"request": "r1\r\nevil: 1"}).decode()
    assert "x-id: r1evil: 1 org/m%201 k {other}\r\n" in head
    assert "r1" not in endpoint.request_head("/t", {}, {"request": "r2"}).decode()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ((), "http://env:1"),
        (("system",), "http://env:1"),
        (("none",), None),
        (("http://own:2",), "http://own:2"),
    ],
)
def test_a_provider_names_its_outbound_proxy(named: tuple[str, ...], expected: str | None) -> None:
    provider = Provider("here", "p", "https://host.example", ("k",), proxies=named)
    endpoint = build_endpoint(provider, "k", "m", PROTOCOL, PROTOCOL.operations["chat"], {"https": "http://env:1"})

    assert expected == (str(endpoint.proxy) if endpoint.proxy else None)


def test_a_named_proxy_holds_for_this_machine_too() -> None:
    provider = Provider("here", "p", "http://127.0.0.1:9", proxies=("http://own:2",))
    endpoint = build_endpoint(provider, None, "m", PROTOCOL, PROTOCOL.operations["chat"], {})

    assert URL("http://own:2") == endpoint.proxy
    assert endpoint.target.startswith("http://127.0.0.1:9/")


def test_connections_by_another_proxy_are_others() -> None:
    provider = Provider("here", "p", "https://host.example", ("a", "b"), proxies=("http://me:pw@own:2", "none"))
    chat = PROTOCOL.operations["chat"]
    one, two = (build_endpoint(provider, key, "m", PROTOCOL, chat, {}) for key in provider.keys)

    assert one.origin != two.origin
    assert "pw" not in repr(one)
