"""Sections of documents that tests generate, and folders in which documents are tried out."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from documents.pages import Block, dialogue, section, with_section

Compare = Callable[[Path, str, str], None]
Try = Callable[[list[Block]], None]


@pytest.fixture
def generated(request: pytest.FixtureRequest) -> Compare:
    """Compare a text with a section of a page, or rewrite the section under `--update`."""

    def compare(path: Path, name: str, actual: str) -> None:
        page = path.read_text(encoding="utf-8")
        if request.config.getoption("--update"):
            page = with_section(page, name, actual)
            path.write_text(page, encoding="utf-8")
        written = section(page, name)
        diff = "\n".join(difflib.unified_diff(written.splitlines(), actual.splitlines(), "page", "now", lineterm=""))
        assert actual == written, f"{path.name}, {name}:\n{diff}\n(pytest --update tests/documents rewrites it)"

    return compare


@pytest.fixture
def follow(tmp_path: Path) -> Try:
    """Do what blocks say, in an empty folder: write the files, type the commands, compare what they print."""

    def do(blocks: list[Block]) -> None:
        for block in blocks:
            write_file(block, tmp_path)
            for command, printed in dialogue(block.text) if block.language == "console" else ():
                assert printed == typed(command, tmp_path), command

    return do


def write_file(block: Block, folder: Path) -> None:
    """Write the block, if it is a file."""
    if block.path:
        path = folder / block.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")


def typed(command: str, folder: Path) -> str:
    """What a command prints in a folder, errors too."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CCPROXY_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**env, "PATH": path, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
        text=True,
    )
    return done.stdout
