"""Requests become rows and totals; no trouble of the file ever reaches a request."""

from __future__ import annotations

import logging
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ccproxy.config.model import AccessKey, Budget
from ccproxy.routing.failures import ProxyError
from ccproxy.state import state as state_module
from ccproxy.state.database import Database
from ccproxy.state.opening import file_of, open_state, shared_address
from ccproxy.state.state import State
from ccproxy.state.store import StoreError
from state.conftest import NOON, PRICES, Clock, Open, request, rows_of


def test_a_request_becomes_a_row(open_file: Open, tmp_path: Path) -> None:
    state = open_file()
    state.observer(PRICES)(request(first_byte_s=0.5, dropped=("seed",), stream=True, alias="b*", asked_model="best"))
    state.close()

    columns = "at, request_id, key, grp, alias, asked_model, client, provider, model, way, stream, status, error"
    assert [(NOON, "req_1", "zed", "default", "b*", "best", "chat", "far", "big", "direct", 1, 200, "")] == rows_of(
        tmp_path / "state.db", columns
    )
    columns = "first_byte_s, seconds, input, output, cost, attempts, dropped, cut"
    assert [(0.5, 1.5, 1_000_000, 500_000, 2.0, 1, 1, 0)] == rows_of(tmp_path / "state.db", columns)


def test_failed_and_cut_requests_keep_their_own_status(open_file: Open, tmp_path: Path) -> None:
    state = open_file()
    observe = state.observer(PRICES)
    observe(request(status=502, error="upstream", usage={}))
    observe(request(status=499, cut=True, usage={"input": 3}))
    observe(request(status=401, error="authentication", provider="", model="", key="", usage={}, attempts=[]))
    state.close()

    assert [(502, 0, "upstream", None), (499, 1, "", 3e-06), (401, 0, "authentication", None)] == rows_of(
        tmp_path / "state.db", "status, cut, error, cost"
    )


def test_a_model_without_a_price_has_no_cost(open_file: Open, tmp_path: Path) -> None:
    state = open_file()
    state.observer(PRICES)(request(provider="near"))
    state.close()

    assert [(None,)] == rows_of(tmp_path / "state.db", "cost")


def test_noting_waits_for_nothing(open_file: Open, tmp_path: Path) -> None:
    state = open_file()
    observe, facts = state.observer(PRICES), request()
    with sqlite3.connect(tmp_path / "state.db", isolation_level=None) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        started = time.perf_counter()
        for _ in range(1000):
            observe(facts)
        taken_s = time.perf_counter() - started
        blocker.execute("ROLLBACK")
    state.close()

    assert taken_s < 0.5
    assert 1000 == len(rows_of(tmp_path / "state.db"))


def test_a_locked_file_is_told_once_and_nothing_is_lost(
    open_file: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    state = open_file()
    with sqlite3.connect(tmp_path / "state.db", isolation_level=None) as blocker, caplog.at_level(logging.WARNING):
        blocker.execute("BEGIN EXCLUSIVE")
        state.observer(PRICES)(request())
        assert [False, False] == [state.exchange(), state.exchange()]
        assert [0, 1] == [state.shared.lease("group/alias", 1) for _ in range(2)]
        state.limits.admit(AccessKey("zed", b"", requests_per_minute=1))
        with pytest.raises(ProxyError):
            state.limits.admit(AccessKey("zed", b"", requests_per_minute=1))
        blocker.execute("ROLLBACK")
    assert state.exchange()

    assert 1 == len(rows_of(tmp_path / "state.db"))
    assert 1 == sum("cannot be kept" in message for message in caplog.messages)
    assert 1 == sum("kept again; 0 rows" in message for message in caplog.messages)


def test_rows_that_find_no_place_are_counted(
    open_file: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(state_module, "MOST_ROWS_WAITING", 5)
    state = open_file()
    with sqlite3.connect(tmp_path / "state.db", isolation_level=None) as blocker:
        blocker.execute("BEGIN EXCLUSIVE")
        for _ in range(8):
            state.observer(PRICES)(request())
        state.exchange()
        blocker.execute("ROLLBACK")
    state.exchange()

    assert 5 == len(rows_of(tmp_path / "state.db"))
    assert 3 == state.totals()["total:usage_rows_lost", "[]", 0]
    assert any("3 rows of usage were lost" in message for message in caplog.messages)


def test_texts_that_no_database_takes_are_made_fit(open_file: Open, tmp_path: Path) -> None:
    state = open_file()
    state.observer(PRICES)(request(model="\ud800" + "x" * 9999, usage={"input": 2**80}))
    state.close()

    assert [("?" + "x" * 255, 2**53)] == rows_of(tmp_path / "state.db", "model, input")


FULL_DISK = """
import resource, sys
from pathlib import Path
from ccproxy.config.model import AccessKey
from ccproxy.state.opening import open_state
from state.conftest import PRICES, request

state = open_state("sqlite:///state.db", Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))
observe = state.observer(PRICES)
for number in range(3000):
    observe(request())
    state.shared.lease("a", 1)
    state.limits.admit(AccessKey("zed", b"", requests_per_minute=9999))
print(state.exchange())
state.close()
print("went on")
"""


def test_a_full_disk_breaks_nothing(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=True, cwd=Path(__file__).parents[1],
    )  # fmt: skip

    assert "False\nwent on\n" == run.stdout
    assert 1 == run.stderr.count("the state cannot be kept for now")
    assert "ok" == sqlite3.connect(tmp_path / "state.db").execute("PRAGMA integrity_check").fetchone()[0]


def test_a_request_between_two_days_counts_for_the_budget_of_the_second(open_file: Open) -> None:
    clock = Clock()
    state = open_file(clock)
    key = AccessKey("zed", b"", budget=Budget("day", usd=1.0))
    state.observer(PRICES)(request())
    state.exchange()
    with pytest.raises(ProxyError):
        state.limits.admit(key)

    clock.now += 86_400
    state.exchange()
    state.limits.admit(key)


def test_counts_outlive_the_process(open_file: Open, tmp_path: Path) -> None:
    first = open_file()
    first.observer(PRICES)(request())
    assert 5 == sum(first.shared.lease("a", 5) for _ in range(2))
    first.close()

    again = State(Database(tmp_path / "state.db"))
    again.exchange()

    assert (2.0, 1_500_000) == again.limits.spent("zed", "total")
    assert 10 == again.shared.lease("a", 1)
    assert 1_000_000 == again.totals()["total:tokens", '["zed", "far", "big", "input"]', 0]
    again.close()


def test_only_the_owner_may_read_the_file(open_file: Open, tmp_path: Path) -> None:
    open_file()

    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}


def test_memory_keeps_limits_and_totals_and_needs_no_sqlite() -> None:
    code = """
import sys
from pathlib import Path
from ccproxy.state.opening import open_state
state = open_state(None, Path())
print("sqlite3" in sys.modules, state.shared.lease("a", 3), state.shared.lease("a", 1))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    state = State()
    state.observer(PRICES)(request())

    assert "False 0 3\n" == run.stdout
    assert (2.0, 1_500_000) == state.limits.spent("zed", "total")
    assert 2.0 == state.totals()["total:cost_usd", '["zed", "far", "big"]', 0]


@pytest.mark.parametrize("address", ["redis://user:secret@host", "sqlite:///", "postgres://x"])
def test_other_databases_are_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(StoreError) as refused:
        open_state(address, tmp_path)

    assert "secret" not in str(refused.value)


def test_a_file_is_beside_the_configuration_unless_absolute(tmp_path: Path) -> None:
    assert tmp_path / "a.db" == file_of("sqlite:///a.db", tmp_path)
    assert Path("/var/a.db") == file_of("sqlite:////var/a.db", tmp_path)


@pytest.mark.parametrize("content", [b"no database at all, but long enough to have a header " * 40, None])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        (tmp_path / "state.db").mkdir()
    else:
        (tmp_path / "state.db").write_bytes(content)

    with pytest.raises(StoreError):
        open_state("sqlite:///state.db", tmp_path)


def test_a_file_of_a_newer_version_is_refused(open_file: Open, tmp_path: Path) -> None:
    open_file().close()
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("PRAGMA user_version = 99")

    with pytest.raises(StoreError, match="newer ccproxy"):
        open_state("sqlite:///state.db", tmp_path)


def test_workers_without_a_state_get_a_file_for_as_long_as_they_run(tmp_path: Path) -> None:
    with shared_address(None, tmp_path, 2) as address:
        file = file_of(address, tmp_path)
        assert file is not None
        open_state(address, tmp_path).close()
        assert file.is_file()

    assert not file.parent.exists()
    with shared_address(None, tmp_path, 1) as alone, shared_address("sqlite:///a.db", tmp_path, 2) as own:
        assert (None, "sqlite:///a.db") == (alone, own)
