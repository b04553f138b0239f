"""Access keys and the state of a configuration file."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest

from ccproxy.config.model import AccessKey, Budget
from config.conftest import Load

DIGEST = sha256(b"password").hexdigest()


def test_reads_everything_that_a_key_may_do(load: Load) -> None:
    config, problems = load(f"""\
        groups: {{ small: {{}} }}
        access:
          keys:
            zed:
              sha256: {DIGEST}
              groups: small
              expires: 2027-01-31
              requests_per_minute: 60
              tokens_per_minute: 100000
              budget: {{ usd: 2.5, tokens: 1000, per: day }}
              admin: true
        """)

    assert [] == problems
    expires = datetime(2027, 1, 31, tzinfo=UTC).timestamp()
    budget = Budget("day", 2.5, 1000)
    assert (AccessKey("zed", sha256(b"password").digest(), ("small",), expires, 60, 100000, budget, True),) == (
        config.access
    )


def test_never_shows_a_digest(load: Load) -> None:
    config, _ = load(f"access: {{ keys: {{ zed: {{ sha256: {DIGEST} }} }} }}")

    assert "digest" not in repr(config.access)


@pytest.mark.parametrize("value", ["$EMPTY", "{ key: $EMPTY }", "{ sha256: $EMPTY }", "{ sha256: abc }", "''"])
def test_an_empty_key_is_a_mistake_and_opens_nothing(load: Load, value: str) -> None:
    _, problems = load(f"access: {{ keys: {{ me: {value} }} }}", {"EMPTY": ""})

    assert ["S205"] == [problem.code for problem in problems]


@pytest.mark.parametrize("keys", ["{}", "", "{ me: $EMPTY }"])
def test_a_public_address_without_a_usable_key_is_refused(load: Load, keys: str) -> None:
    _, problems = load(f"server: {{ host: 0.0.0.0 }}\naccess: {{ keys: {keys} }}", {"EMPTY": ""})

    assert "C609" in [problem.code for problem in problems]


@pytest.mark.parametrize(
    "budget",
    ["{ usd: 5 }", "{ per: day }", "{ usd: 5, per: week }", "{ usd: -1, per: day }", "{ tokens: 0, per: day }"],
)
def test_half_a_budget_is_a_mistake(load: Load, budget: str) -> None:
    config, problems = load(f"access: {{ keys: {{ me: {{ key: a, budget: {budget} }} }} }}")

    assert problems
    assert config.access[0].budget is None


def test_an_unreadable_day_is_a_mistake(load: Load) -> None:
    _, problems = load("access: { keys: { me: { key: a, expires: tomorrow } } }")

    assert ["S205"] == [problem.code for problem in problems]


@pytest.mark.parametrize("address", ["redis://localhost", "rediss://host:1", "sqlite:///", "postgres://x"])
def test_state_that_nothing_can_open_is_a_mistake(load: Load, address: str) -> None:
    config, problems = load(f"state: {address}")

    assert ["S205"] == [problem.code for problem in problems]
    assert config.state is None
