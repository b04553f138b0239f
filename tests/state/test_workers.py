"""Two processes on one file."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from state.conftest import rows_of

TESTS = Path(__file__).parents[1]
SECONDS = 3.0
TICK_S = 0.02
# What another worker may let in before this one hears of it: half a second to send, half a second to look, and slack.
UNHEARD = round(1.5 / TICK_S)


def start(folder: Path, number: int) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "state.worker", str(folder), str(number), str(SECONDS)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=TESTS,
    )  # fmt: skip
    assert "ready\n" == line_of(worker)
    return worker


def line_of(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline()


def go_on(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("\n")
    worker.stdin.flush()


def run_two(folder: Path) -> list[dict[str, list[int] | int]]:
    workers = [start(folder, number) for number in range(2)]
    for worker in workers:
        go_on(worker)
    told = [json.loads(line_of(worker)) for worker in workers]
    for worker in workers:
        go_on(worker)
    assert [0, 0] == [worker.wait(10) for worker in workers]
    return told


def test_two_workers_share_turns_rests_limits_and_usage(tmp_path: Path) -> None:
    first, second = run_two(tmp_path)

    turns = [*first["turns"], *second["turns"]]
    assert min(len(first["turns"]), len(second["turns"])) > 50
    assert sorted(turns) == list(range(len(turns)))
    assert [["far/key-0"], ["far/key-0"]] == [first["resting"], second["resting"]]
    admitted = first["admitted"] + second["admitted"]
    assert 40 <= admitted <= 40 + UNHEARD
    spent = first["spent"] + second["spent"]
    assert 30 <= spent <= 30 + UNHEARD
    assert admitted + spent == len(rows_of(tmp_path / "state.db"))
    with sqlite3.connect(tmp_path / "state.db") as connection:
        total = "SELECT sum(amount) FROM counts WHERE what = 'total:requests'"
        assert admitted + spent == connection.execute(total).fetchone()[0]


OPEN = """
import sys
from pathlib import Path
from ccproxy.state.opening import open_state
sys.stdin.readline()
open_state("sqlite:///state.db", Path(sys.argv[1])).close()
"""


def test_processes_that_make_the_file_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(tmp_path)], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]

    assert [""] * 6 == [maker.communicate("\n", timeout=30)[1] for maker in makers]


def test_a_killed_worker_harms_nobody(tmp_path: Path) -> None:
    killed, living = start(tmp_path, 0), start(tmp_path, 1)
    for worker in (killed, living):
        go_on(worker)
    told = json.loads(line_of(killed))
    killed.send_signal(signal.SIGKILL)
    killed.wait(10)
    more = json.loads(line_of(living))
    go_on(living)
    assert 0 == living.wait(10)

    kept = len(rows_of(tmp_path / "state.db"))
    requests = sum(each["admitted"] + each["spent"] for each in (told, more))
    assert requests - 2 * UNHEARD <= kept <= requests
    assert more["admitted"] + more["spent"] <= kept
    with sqlite3.connect(tmp_path / "state.db") as connection:
        assert "ok" == connection.execute("PRAGMA integrity_check").fetchone()[0]
