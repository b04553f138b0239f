"""`ccproxy usage`: sums of what was kept, as a table with bars, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest

from ccproxy.cli.main import main
from ccproxy.cli.usage import moment_of, render_table
from ccproxy.config.model import Price
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import PriceBook
from ccproxy.routing.facts import Attempt, RequestFacts
from ccproxy.state.opening import open_state
from ccproxy.state.reports import Line

PRICES = PriceBook({"far/*": Price(1.0, 2.0)}, {}, ModelBook({}))
DAY_S = 86_400


def request(days_ago: float = 0, **known: object) -> RequestFacts:
    facts = RequestFacts("r", "POST", "/v1/x", time.time() - days_ago * DAY_S, client="chat", key="zed", group="main")
    facts.provider, facts.model, facts.status, facts.seconds = "far", "big", 200, 2.0
    facts.usage = {"input": 1_000_000, "cache_read": 20_000, "output": 500_000}
    facts.attempts = [Attempt("far", "big", 0, 200, "ok", 2.0)]
    for name, value in known.items():
        setattr(facts, name, value)
    return facts


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "ccproxy.yaml").write_text("providers: {}\nstate: sqlite:///kept/usage.db\n")
    state = open_state("sqlite:///kept/usage.db", tmp_path)
    observe = state.observer(PRICES)
    observe(request(first_byte_s=0.5))
    observe(request(first_byte_s=1.5, key="you"))
    observe(request(days_ago=1, provider="near", model="small", usage={"input": 10}))
    observe(request(days_ago=1, status=429, error="rate_limit", usage={}))
    observe(request(days_ago=1, status=200, cut=True, error="timeout", usage={"output": 5}))
    observe(request(days_ago=30, key="old"))
    state.close()
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    assert 0 == main(["usage", "--format", "json", *options])
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("key", [("zed", 4, 2), ("you", 1, 0)]),
        ("group", [("main", 5, 2)]),
        ("provider", [("far", 4, 2), ("near", 1, 0)]),
        ("model", [("far/big", 4, 2), ("near/small", 1, 0)]),
        ("status", [("200", 3, 0), ("200 cut timeout", 1, 1), ("429 rate_limit", 1, 1)]),
    ],
)
def test_sums_by_what_was_asked(
    folder: Path, capsys: pytest.CaptureFixture[str], by: str, expected: list[tuple[str, int, int]]
) -> None:
    assert expected == [(line[by], line["requests"], line["failed"]) for line in told(capsys, "--by", by)]


def test_days_are_in_their_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = [time.strftime("%Y-%m-%d", time.localtime(time.time() - ago * DAY_S)) for ago in (1, 0)]

    assert days == [line["day"] for line in told(capsys)]


def test_tokens_costs_and_times_are_summed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = told(capsys, "--by", "provider")[0]

    assert (2_000_000, 40_000, 1_000_005) == (line["input"], line["cache_read"], line["output"])
    assert 2 * (1.02 + 1.0) + 0.00001 == pytest.approx(line["cost"])
    assert (1.0, 2.0) == (line["first_byte_s"], line["seconds"])
    assert told(capsys, "--by", "provider")[1]["cost"] is None


@pytest.mark.parametrize(("since", "requests"), [("12h", 2), ("60d", 6), ("2001-01-01", 6)])
def test_only_the_asked_time_counts(
    folder: Path, capsys: pytest.CaptureFixture[str], since: str, requests: int
) -> None:
    assert requests == told(capsys, "--by", "group", "--since", since)[0]["requests"]


def test_the_table_ends_in_a_total_and_has_bars(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["usage", "--by", "model"])
    heads, first, second, total = capsys.readouterr().out.splitlines()

    assert heads.split()[:3] == ["MODEL", "REQUESTS", "FAILED"]
    assert first.startswith("far/big")
    assert first.endswith(("█" * 40, "#" * 40))
    assert second.startswith("near/small")
    assert not second.endswith(("█", "#"))
    assert total.split()[:3] == ["total", "5", "2"]


def test_bars_are_as_long_as_the_amounts() -> None:
    lines = [Line(str(cost), 1, 0, 5, 0, 0, 0, 0, cost, None, None) for cost in (8.0, 4.0, 1.0, 0.0)]
    rendered = [*render_table("key", lines, lines[0], 200)]

    bars = [row.rpartition(" ")[2].count("█") for row in rendered[1:-1]]
    assert bars[0] == 2 * bars[1] == 8 * bars[2] > 0
    assert 0 == bars[3]


def test_csv_has_a_head_and_a_line_each(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["usage", "--by", "key", "--format", "csv"])
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]

    assert [("zed", "4"), ("you", "1")] == [(row["key"], row["requests"]) for row in rows]


def test_the_state_may_be_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "ccproxy.yaml").unlink()

    assert 5 == told(capsys, "--by", "group", "--state", "sqlite:///kept/usage.db")[0]["requests"]


def test_before_the_first_request_there_is_nothing_to_tell(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [] == told(capsys, "--state", "sqlite:///none.db")
    assert 0 == main(["usage", "--state", "sqlite:///none.db"])
    assert "no requests since" in capsys.readouterr().out
    assert not (folder / "none.db").exists()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--since", "soon"], 2, "`soon`"),
        (["--config", "gone.yaml"], 1, "gone.yaml"),
        (["--state", "memory:"], 1, "state: sqlite:///ccproxy.db"),
        (["--state", "redis://me:secret@host"], 1, "redis:…"),
        (["--state", "sqlite:///ccproxy.yaml"], 1, "not a database"),
    ],
)
def test_what_cannot_be_read_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int, said: str
) -> None:
    assert code == main(["usage", *options])

    err = capsys.readouterr().err
    assert said in err
    assert "secret" not in err


def test_reading_while_the_proxy_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = open_state("sqlite:///kept/usage.db", folder)
    state.observer(PRICES)(request())
    state.exchange()

    assert 6 == told(capsys, "--by", "group")[0]["requests"]
    state.close()


def test_a_time_is_a_duration_or_a_day() -> None:
    assert [400.0, 0.0, None] == [moment_of("10m", 1000.0), moment_of("1970-01-01", 1000.0), moment_of("x", 1.0)]
