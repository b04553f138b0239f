"""The gate: where keys are looked for, and which ones open it."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.config.model import AccessKey, Budget
from ccproxy.conversion.engine import Engine
from ccproxy.datadirs import find_data_dirs
from ccproxy.mapping.protocol import Protocol
from ccproxy.pipeline.access import Gate
from ccproxy.routing.failures import ProxyError
from ccproxy.state.limits import Limits
from ccproxy.state.tally import Tally

PROTOCOLS = Engine.load(*find_data_dirs("mappings")).protocols
NOW = 1_800_000_000.0
PLACES = {
    "bearer": ({"authorization": "Bearer secret"}, ""),
    "bearer in small letters": ({"authorization": "bearer secret"}, ""),
    "bearer in capitals": ({"authorization": "BEARER  secret "}, ""),
    "x-api-key": ({"x-api-key": "secret"}, ""),
    "api-key": ({"api-key": "secret"}, ""),
    "x-goog-api-key": ({"x-goog-api-key": "secret"}, ""),
    "query": ({}, "alt=sse&key=secret"),
}


def key(name: str = "zed", token: str = "secret", **more: object) -> AccessKey:
    return AccessKey(name, sha256(token.encode()).digest(), **more)  # type: ignore[arg-type]


def gate(*keys: AccessKey, limits: Limits | None = None) -> Gate:
    return Gate(keys, PROTOCOLS.values(), limits, lambda: NOW)


def refusal(by: Gate, headers: dict[str, str], query: str = "") -> tuple[object, object, str]:
    with pytest.raises(ProxyError) as refused:
        by.admit(None, headers, query)
    error = refused.value.error
    return error["kind"], error["status"], str(error["message"])


@pytest.mark.parametrize("protocol", [*PROTOCOLS.values(), None], ids=[*PROTOCOLS, "none"])
@pytest.mark.parametrize("place", PLACES)
def test_a_key_counts_wherever_any_client_puts_it(protocol: Protocol | None, place: str) -> None:
    headers, query = PLACES[place]

    found = gate(key()).admit(protocol, headers, query)

    assert found is not None
    assert "zed" == found.name


@pytest.mark.parametrize(
    ("headers", "query", "told"),
    [
        ({}, "", "has none"),
        ({"authorization": "Basic secret"}, "", "has none"),
        ({"authorization": "secret"}, "", "has none"),
        ({"x-api-key": "  "}, "key=", "has none"),
        ({"x-api-key": "wrong"}, "", "not known"),
        ({"x-api-key": "secre"}, "", "not known"),
        ({"x-api-key": "\udce4secret"}, "", "not known"),
        ({"x-api-key": sha256(b"secret").hexdigest()}, "", "not known"),
    ],
)
def test_anything_else_stays_outside(headers: dict[str, str], query: str, told: str) -> None:
    kind, status, message = refusal(gate(key()), headers, query)

    assert ("authentication", 401) == (kind, status)
    assert told in message


def test_any_of_several_presented_keys_opens() -> None:
    headers = {"authorization": "Bearer of-another-service", "x-api-key": "secret"}

    assert gate(key()).admit(None, headers, "") == key()


def test_no_keys_need_no_key() -> None:
    assert gate().admit(None, {}, "") is None


def test_keys_that_have_all_expired_open_nothing() -> None:
    expired = gate(key(expires=NOW), key("other", "more", expires=NOW - 1))

    assert ("authentication", 401, "The access key has expired.") == refusal(expired, {"x-api-key": "secret"})
    assert "authentication" == refusal(expired, {})[0]


def test_a_key_opens_until_it_expires() -> None:
    assert gate(key(expires=NOW + 0.1)).admit(None, {"x-api-key": "secret"}, "") is not None


def test_of_one_key_under_two_names_the_valid_one_counts() -> None:
    found = gate(key("old", expires=NOW - 1), key("new")).admit(None, {"x-api-key": "secret"}, "")

    assert found is not None
    assert "new" == found.name


def test_limits_of_a_key_hold() -> None:
    limits = Limits(Tally(), lambda: NOW)
    limited = gate(key(requests_per_minute=1), limits=limits)
    limited.admit(None, {"x-api-key": "secret"}, "")

    assert ("rate_limit", 429) == refusal(limited, {"x-api-key": "secret"})[:2]
    assert key(requests_per_minute=1) == limited.identify(None, {"x-api-key": "secret"}, "")


def test_a_spent_budget_is_told_as_one() -> None:
    limits = Limits(Tally(), lambda: NOW)
    limits.spend("zed", 10, 1.0)
    thrifty = gate(key(budget=Budget("month", usd=0.5)), limits=limits)

    assert ("billing", 402) == refusal(thrifty, {"x-api-key": "secret"})[:2]


@given(st.text(max_size=40), st.sampled_from(["authorization", "x-api-key", "api-key", "x-goog-api-key"]))
def test_no_error_tells_a_key(token: str, name: str) -> None:
    value = f"Bearer canary-{token}" if name == "authorization" else f"canary-{token}"

    assert "canary" not in refusal(gate(key()), {name: value}, f"key=canary-{token}")[2]
