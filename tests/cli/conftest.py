"""Commands in a folder of their own, without the keys of whoever runs the tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ccproxy.cli.main import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the environment holds no provider's key."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.endswith(("_KEY", "_TOKEN")) or name.startswith("CCPROXY_"):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def command(folder: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command: its exit code, its results, its talk."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run
