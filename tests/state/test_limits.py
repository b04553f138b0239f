"""What a key may still do."""

from __future__ import annotations

import pytest

from ccproxy.config.model import AccessKey, Budget
from ccproxy.routing.failures import ProxyError
from ccproxy.state.limits import Limits
from ccproxy.state.tally import Tally
from state.conftest import NOON, Clock

DAY_S = 86_400


def limits_at(clock: Clock) -> Limits:
    return Limits(Tally(), clock)


def refusal(limits: Limits, key: AccessKey) -> dict[str, object]:
    with pytest.raises(ProxyError) as refused:
        limits.admit(key)
    return dict(refused.value.error)


def test_a_key_without_limits_is_never_refused(clock: Clock) -> None:
    limits = limits_at(clock)
    limits.spend("zed", 10**9, 10**6)

    for _ in range(1000):
        limits.admit(AccessKey("zed", b""))


def test_requests_over_the_limit_wait_until_the_oldest_leaves_the_minute(clock: Clock) -> None:
    limits, key = limits_at(clock), AccessKey("zed", b"", requests_per_minute=3)
    for _ in range(3):
        limits.admit(key)
        clock.now += 10

    error = refusal(limits, key)

    assert ("rate_limit", 429, 31) == (error["kind"], error["status"], error["retry_after"])
    clock.now += 31
    limits.admit(key)
    assert 10 == refusal(limits, key)["retry_after"]


@pytest.mark.parametrize("step_s", [0.1, 0.37, 1.0, 7.3])
def test_no_sixty_seconds_hold_more_than_the_limit(clock: Clock, step_s: float) -> None:
    limits, key, admitted = limits_at(clock), AccessKey("zed", b"", requests_per_minute=5), list[float]()
    while clock.now < NOON + 300:
        clock.now += step_s
        try:
            limits.admit(key)
        except ProxyError:
            continue
        admitted.append(clock.now)

    assert len(admitted) >= 20
    assert all(later - earlier >= 60 for earlier, later in zip(admitted, admitted[5:], strict=False))


def test_a_refused_request_counts_for_nothing(clock: Clock) -> None:
    limits, key = limits_at(clock), AccessKey("zed", b"", requests_per_minute=1)
    limits.admit(key)
    for _ in range(100):
        refusal(limits, key)
        clock.now += 0.5

    clock.now += 11
    limits.admit(key)


def test_tokens_count_when_an_answer_has_ended(clock: Clock) -> None:
    limits, key = limits_at(clock), AccessKey("zed", b"", tokens_per_minute=1000)
    limits.admit(key)
    limits.spend("zed", 900, 0)
    limits.admit(key)
    limits.spend("zed", 200, 0)

    error = refusal(limits, key)

    assert ("rate_limit", 429, 61) == (error["kind"], error["status"], error["retry_after"])
    assert "tokens" in str(error["message"])


def test_keys_do_not_share_limits(clock: Clock) -> None:
    limits = limits_at(clock)
    limits.admit(AccessKey("zed", b"", requests_per_minute=1))

    limits.admit(AccessKey("other", b"", requests_per_minute=1))


@pytest.mark.parametrize(
    ("budget", "wait_s"),
    [(Budget("day", usd=2.0), DAY_S), (Budget("month", usd=2.0), 31 * DAY_S), (Budget("day", tokens=500), DAY_S)],
)
def test_a_spent_budget_begins_anew_with_the_next_period(clock: Clock, budget: Budget, wait_s: float) -> None:
    limits, key = limits_at(clock), AccessKey("zed", b"", budget=budget)
    limits.spend("zed", 499, 1.99)
    limits.admit(key)
    limits.spend("zed", 1, 0.02)

    error = refusal(limits, key)

    assert ("billing", 402) == (error["kind"], error["status"])
    clock.now += wait_s
    limits.admit(key)


def test_a_total_budget_never_begins_anew(clock: Clock) -> None:
    limits, key = limits_at(clock), AccessKey("zed", b"", budget=Budget("total", usd=1.0))
    limits.spend("zed", 0, 1.0)
    clock.now += 1000 * DAY_S

    assert 402 == refusal(limits, key)["status"]


def test_forgets_minutes_that_are_over(clock: Clock) -> None:
    tally = Tally()
    limits, key = Limits(tally, clock), AccessKey("zed", b"", requests_per_minute=100)
    for _ in range(500):
        limits.admit(key)
        clock.now += 7

    assert len(tally.since("requests", "zed", 0)) < 30
