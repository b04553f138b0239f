"""The page for Prometheus."""

from __future__ import annotations

import re

import pytest

from ccproxy.state import totals
from ccproxy.state.metrics import render_metrics
from ccproxy.state.state import State
from state.conftest import NOON, PRICES, Open, request

SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="(\\.|[^"\\\n])*",?)*\})? -?[0-9.e+-]+')


def page_of(state: State) -> list[str]:
    return render_metrics(state, NOON, {"requests_running": 3}).decode().splitlines()


def test_tells_what_requests_took() -> None:
    state = State()
    observe = state.observer(PRICES)
    observe(request(first_byte_s=0.2))
    observe(request(status=502, seconds=400.0, usage={}))
    state.shared.rest("far/0", NOON + 30)
    page = page_of(state)

    upstream = 'provider="far",model="big"'
    labels = f'client="chat",key="zed",group="default",{upstream},way="direct"'
    for expected in (
        f'ccproxy_requests_total{{{labels},status="200"}} 1',
        f'ccproxy_requests_total{{{labels},status="502"}} 1',
        f'ccproxy_tokens_total{{key="zed",{upstream},kind="output"}} 500000',
        f'ccproxy_cost_usd_total{{key="zed",{upstream}}} 2',
        f'ccproxy_request_seconds_bucket{{{upstream},le="1"}} 0',
        f'ccproxy_request_seconds_bucket{{{upstream},le="2.5"}} 1',
        f'ccproxy_request_seconds_bucket{{{upstream},le="+Inf"}} 2',
        f"ccproxy_request_seconds_sum{{{upstream}}} 401.5",
        f"ccproxy_request_seconds_count{{{upstream}}} 2",
        f"ccproxy_first_byte_seconds_count{{{upstream}}} 1",
        'ccproxy_resting_seconds{target="far/0"} 30',
        "ccproxy_usage_rows_lost_total 0",
        "ccproxy_requests_running 3",
    ):
        assert expected in page


def test_every_line_is_a_sample_or_a_comment() -> None:
    state = State()
    state.observer(PRICES)(request(model='odd"\\\nname', key="ключ"))

    assert [] == [line for line in page_of(state) if not line.startswith("# ") and not SAMPLE.fullmatch(line)]


def test_a_bound_belongs_to_its_bucket() -> None:
    state = State()
    state.observer(PRICES)(request(seconds=1.0))

    assert 'ccproxy_request_seconds_bucket{provider="far",model="big",le="1"} 1' in page_of(state)


def test_names_that_clients_choose_do_not_fill_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "MOST_MODELS", 3)
    state = State()
    observe = state.observer(PRICES)
    for number in range(10):
        observe(request(model=f"m{number}"))

    counted = [line for line in page_of(state) if line.startswith("ccproxy_attempts_total")]
    assert 'ccproxy_attempts_total{provider="far",model="other"} 7' in counted
    assert 4 == len(counted)


def test_every_worker_tells_of_all(open_file: Open) -> None:
    one, other = open_file(), open_file()
    for state in (one, other, other):
        state.observer(PRICES)(request())
    one.exchange()
    other.exchange()

    for state in (one, other):
        assert 3 == state.totals()["total:attempts", '["far", "big"]', 0]


def test_totals_never_fall_while_they_are_on_their_way(open_file: Open) -> None:
    state = open_file()
    observe, seen = state.observer(PRICES), list[float]()
    for _ in range(200):
        observe(request())
        seen.append(state.totals()["total:attempts", '["far", "big"]', 0])

    assert list(range(1, 201)) == seen
