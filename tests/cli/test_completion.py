"""`ccproxy completion`: words from the parsers, the configuration and the mappings, in a real shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ccproxy.cli.completion_scripts import SCRIPTS
from ccproxy.cli.main import COMMANDS

Command = Callable[..., tuple[int, str, str]]
CONFIG = """
access: { keys: { laptop: words of a key } }
providers: { local: { protocol: openai-chat, base_url: "http://127.0.0.1:9/v1" } }
groups:
  default: { aliases: { "*": local/some } }
  small: { description: cheap ones, aliases: { tiny: local/tiny-1 } }
"""


@pytest.fixture
def words(folder: Path, command: Command) -> Callable[[str], list[str]]:
    """What completes a line; a blank at its end begins a new word."""
    (folder / "ccproxy.yaml").write_text(CONFIG)

    def complete(line: str) -> list[str]:
        code, out, err = command("completion", "bash", "--complete=" + line.replace(" ", "\x1f"))
        assert (0, "") == (code, err)
        return out.splitlines()

    return complete


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", list(COMMANDS)),
        ("mod", ["models"]),
        ("models --g", ["--group"]),
        ("models --group ", ["default", "small"]),
        ("models --group s", ["small"]),
        ("models --provider ", ["local"]),
        ("models --group small --for", ["--format"]),
        ("models --group small --format ", ["table", "json"]),
        ("groups ", ["list", "use"]),
        ("groups use ", ["default", "small"]),
        ("groups use d", ["default"]),
        ("env claude", ["claude-code"]),
        ("env codex --key ", ["laptop"]),
        ("env --shell fish co", ["codex"]),
        ("convert --from gem", ["gemini"]),
        ("convert --kind e", ["error"]),
        ("explain C60", [f"C60{number}" for number in range(1, 10)]),
        ("completion z", ["zsh"]),
        ("nonsense ", list(COMMANDS)),
        ("env codex ", []),
        ("validate my", []),
    ],
)
def test_a_line_is_completed(words: Callable[[str], list[str]], line: str, expected: list[str]) -> None:
    assert expected == words(line)


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_option_of_every_command_is_offered(words: Callable[[str], list[str]], verb: str) -> None:
    assert "--help" in words(f"{verb} --")


def test_shells_that_show_help_get_it(folder: Path, command: Command) -> None:
    (folder / "ccproxy.yaml").write_text(CONFIG)

    assert "small\tcheap ones\n" == command("completion", "zsh", "--complete=groups\x1fuse\x1fsm")[1]


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_is_taken_by_its_shell(shell: str, command: Command) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = command("completion", shell)[1]

    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_completes_with_it(folder: Path) -> None:
    (folder / "ccproxy").write_text(f'#!/bin/sh\nexec {sys.executable} -m ccproxy "$@"\n')
    (folder / "ccproxy").chmod(0o755)
    script = """
eval "$(ccproxy completion bash)"
COMP_WORDS=(ccproxy models --form "") COMP_CWORD=2; _ccproxy; printf "%s\n" "${COMPREPLY[@]}"
COMP_WORDS=(ccproxy models --format "") COMP_CWORD=3; _ccproxy; printf "%s\n" "${COMPREPLY[@]}"
"""
    environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": os.pathsep.join(sys.path)}

    told = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=True)

    assert "--format\ntable\njson\n" == told.stdout
