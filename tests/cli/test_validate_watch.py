"""`ccproxy validate` while somebody writes: what a saved file concerns is checked again, the rest is remembered."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ccproxy.cli import past_checks
from ccproxy.cli.file_kinds import find_files
from ccproxy.cli.watched import Watched
from ccproxy.datadirs import find_builtin_dir

PARTS = ("ollama", "shared")


@pytest.fixture
def mappings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Some mappings that lie over the built-in ones."""
    root = tmp_path / "mappings"
    for part in PARTS:
        shutil.copytree(find_builtin_dir("mappings") / part, root / part)
    monkeypatch.chdir(tmp_path)
    return root


def codes(watched: Watched) -> list[str]:
    return [problem.code for problem in watched.problems() if problem.severity == "error"]


def save(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path.resolve()


def test_a_saved_mistake_is_told_and_its_repair_too(mappings: Path) -> None:
    watched = Watched([mappings])
    assert [] == codes(watched)

    watched.renew([save(mappings / "ollama" / "error.yaml", "from_unified:", "frm_unified:")])
    assert "S203" in codes(watched)

    watched.renew([save(mappings / "ollama" / "error.yaml", "frm_unified:", "from_unified:")])
    assert [] == codes(watched)


def test_a_saved_table_is_checked_where_it_is_asked(mappings: Path) -> None:
    watched = Watched([mappings])
    table = mappings / "shared" / "error_kind_of_status.yaml"

    watched.renew([save(table, "rate_limit", "rate_limmit")])

    assert {"M410"} <= set(codes(watched))


def test_new_and_deleted_files_count(mappings: Path) -> None:
    watched, new = Watched([mappings]), (mappings / "ollama" / "telepathy.yaml").resolve()

    new.write_text("request: { to_unified: { model: = model } }\n")
    watched.renew([new])
    assert "M417" in codes(watched)

    new.unlink()
    watched.renew([new])
    assert [] == codes(watched)


def test_results_are_kept_by_content(mappings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCPROXY_CACHE", str(tmp_path / "cache"))
    first = past_checks.past_check(find_files([mappings]))
    assert first is not None
    past_checks.remember(first, [])

    assert [] == past_checks.recall(first)
    assert first == past_checks.past_check(find_files([mappings]))
    save(mappings / "ollama" / "error.yaml", "message", "mesage")
    changed = past_checks.past_check(find_files([mappings]))
    assert changed is not None
    assert past_checks.recall(changed) is None


def test_nothing_is_kept_when_it_is_off(mappings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCPROXY_CACHE", "off")

    assert past_checks.past_check(find_files([mappings])) is None


def test_the_command_watches_until_it_is_interrupted(mappings: Path) -> None:
    command = [sys.executable, "-m", "ccproxy", "validate", "--watch", "--format", "concise", str(mappings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as watching:
        assert watching.stdout is not None
        seen = _until(watching.stdout, "waiting for changes")
        assert "no problems" in seen
        time.sleep(1)  # the watch itself begins after the first check
        save(mappings / "ollama" / "error.yaml", "from_unified:", "frm_unified:")
        seen = _until(watching.stdout, "waiting for changes")
        watching.send_signal(signal.SIGINT)
        code = watching.wait(timeout=30)

    assert "error[S203]" in seen
    assert code in (0, 130, -signal.SIGINT)


def _until(lines: object, word: str) -> str:
    seen = ""
    for line in lines:  # type: ignore[attr-defined]
        seen += line
        if word in line:
            break
    return seen
