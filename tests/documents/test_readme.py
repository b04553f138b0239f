"""The README does what it says: its walkthrough, its examples, and the sections that are generated from the code."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.mutation.__main__ import FIGURES, table

from ccproxy.cli.main import COMMANDS, build_parser, module_of
from documents.conftest import Compare, Try, typed
from documents.pages import README, ROOT, blocks, command_of, part_of
from test_architecture import ASYNC_ROOMS, ENGINE, ORDER

PAGE = README.read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)#:]+)\)")
ROOMS = [room for room in ORDER if (ENGINE / room).exists() or (ENGINE / f"{room}.py").exists()]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("*/README.md"))]


def test_add_a_quirk_in_five_minutes(follow: Try) -> None:
    steps = list(blocks(part_of(PAGE, "## Add a quirk in five minutes")))
    assert ["yaml", "console", "json", "console", "console"] == [step.language for step in steps]

    follow(steps)


def test_see_what_becomes_of_a_message(follow: Try) -> None:
    steps = list(blocks(part_of(PAGE, "## See what becomes of a message")))
    assert ["json", "console"] == [step.language for step in steps]

    follow(steps)


@pytest.mark.parametrize("part", ["## Configure it", "## Change what models are asked", "## Keys, limits and usage"])
def test_configuration_example_is_valid(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = (block for block in blocks(part_of(PAGE, part)) if block.language == "yaml")
    (tmp_path / "ccproxy.yaml").write_text(example.text)
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "house.md").write_text("Be brief.\n")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "key")
    monkeypatch.setenv("LAPTOP_KEY", "key")
    (tmp_path / ".env").write_text("CCPROXY_KEY=key\nKEY_1=key-1\nKEY_2=key-2\nZED_KEY=key-3\nMY_KEY=key-4\n")

    assert "ccproxy validate: no problems in 1 file\n" == typed("ccproxy validate ccproxy.yaml", tmp_path)


def test_python_example_runs() -> None:
    (example,) = (block for block in blocks(part_of(PAGE, "## Commands")) if block.language == "python")
    names: dict[str, Any] = {}

    exec(example.text, names)

    assert [{"role": "user", "parts": [{"text": "Hi"}]}] == names["upstream"]["contents"]
    assert b'"text":"Hello"' in names["client_bytes"]
    assert names["client_bytes"].startswith(b"event: message_start\n")


def test_seeded_mistakes(generated: Compare) -> None:
    kinds = json.loads(FIGURES.read_text(encoding="utf-8"))["kinds"]

    generated(README, "mutation", table(kinds) + "\n")


def test_commands(generated: Compare) -> None:
    rows = [f"| `{usage_of(verb)}` | {does} |\n" for verb, does in COMMANDS.items()]

    generated(README, "commands", "".join(["| command | does |\n|---|---|\n", *rows]))


def usage_of(verb: str) -> str:
    """The usage line of a command's help, as one line."""
    parser = build_parser(verb, module_of(verb))._subparsers._group_actions[0].choices[verb]  # type: ignore[union-attr,index]
    words = parser.format_usage().replace("usage: ", "").replace("[-h] ", "").split()
    return " ".join(words).replace("|", "\\|")


def test_rooms_of_the_engine(generated: Compare) -> None:
    rows = [f"| `{room}` | {purpose_of(room)}{' *async*' if room in ASYNC_ROOMS else ''} |\n" for room in ROOMS]

    generated(ROOT / "engine" / "README.md", "rooms", "".join(["| room | owns |\n|---|---|\n", *rows]))


def purpose_of(room: str) -> str:
    """The first sentence of a room's docstring."""
    words = (importlib.import_module(f"ccproxy.{room}").__doc__ or "").partition("\n\n")[0]
    return " ".join(words.split())


def test_run_and_test_commands_set_up_their_own_environment() -> None:
    for name, last in (("run", ".venv/bin/ccproxy serve"), ("test", ".venv/bin/pytest -n auto")):
        steps = command_of(PAGE, name).split(" && ")

        assert "python3 -m venv .venv" == steps[0]
        assert last == steps[-1]
        assert all(step.startswith(("python3 ", ".venv/bin/")) for step in steps)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [] == [target for target in links(page) if not (page.parent / target).exists()]


def links(page: Path) -> Iterator[str]:
    yield from (found[1] for found in LINK.finditer(page.read_text(encoding="utf-8")))
