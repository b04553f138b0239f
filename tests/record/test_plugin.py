"""Sessions as tests in a repository of somebody else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

PLUGIN = "ccproxy.record.pytest_plugin"
INSTALLED = any(point.value == PLUGIN for point in entry_points(group="pytest11"))


def run(folder, *arguments):
    """Run pytest there and return its exit code and last lines."""
    named = [] if INSTALLED else ["-p", PLUGIN]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named, *arguments]
    # a worker of a run over several processes would keep its report to itself
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def repository(sessions):
    (sessions / "pytest.ini").write_text("[pytest]\n")
    return sessions


def test_snapshots_are_made_met_and_missed(repository):
    assert 1 == run(repository)[0]

    code, out = run(repository, "--snapshot-update")
    assert (0, True) == (code, "snapshots generated" in out)
    assert 0 == run(repository)[0]

    snapshot = next(path for path in repository.rglob("*.ambr") if "Paris" in path.read_text())
    snapshot.write_text(snapshot.read_text().replace("Paris", "Prague"))
    code, out = run(repository)
    assert 1 == code
    assert "Paris" in out


def test_without_syrupy_sessions_are_compared_with_what_was_recorded(repository):
    code, out = run(repository, "-p", "no:syrupy")
    assert (0, True) == (code, "4 passed" in out)

    changed = next(repository.glob("*/unified_request.json"))
    changed.write_text(changed.read_text().replace("Paris", "Prague"))
    code, out = run(repository, "-p", "no:syrupy")
    assert 1 == code
    assert "unified request" in out


def test_other_files_of_that_name_and_unwanted_sessions_are_left_alone(repository):
    (repository / "other").mkdir()
    (repository / "other" / "session.yaml").write_text("name: something else\n")
    (repository / "pytest.ini").write_text("[pytest]\nccproxy_sessions = false\n")

    assert 5 == run(repository)[0]
