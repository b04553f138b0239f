"""`ccproxy models` and `ccproxy groups`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., tuple[int, str, str]]
CONFIG = """
providers:
  near: { protocol: openai-chat, base_url: "%s", keys: [good-key-1] }
  anthropic: { keys: [other-key-1] }
groups:
  default:
    aliases:
      "claude-sonnet-*": [anthropic/claude-sonnet-4-5, { provider: near, model: tiny-1, weight: 3 }]
      "*": near/tiny-1
  small: { aliases: { "claude-*": near/* }, fallback_group: default }
active_group: small    # a remark
prices: { near/tiny-1: { input: 1, output: 2 } }
"""


@pytest.fixture
def configured(folder: Path, upstream: Any) -> Path:
    path = folder / "ccproxy.yaml"
    path.write_text(CONFIG % upstream.url)
    return path


def test_lists_aliases_with_targets_limits_and_prices(configured: Path, command: Command) -> None:
    code, out, err = command("models")

    assert (0, "") == (code, err)
    assert [
        "GROUP    MODEL            ANSWERED BY                  PROTOCOL     CONTEXT  OUTPUT  $/M IN  $/M OUT",
        "default  claude-sonnet-*  anthropic/claude-sonnet-4-5  claude          200k     64k       3       15",
        "                          near/tiny-1 ×3               openai-chat        -       -       1        2",
        "default  *                near/tiny-1                  openai-chat        -       -       1        2",
        "small    claude-*         near/*                       openai-chat        -       -       -        -",
    ] == out.splitlines()


def test_a_group_comes_with_those_it_falls_back_to(configured: Path, command: Command) -> None:
    rows = json.loads(command("models", "--group", "small", "--format", "json")[1])

    assert [("small", "claude-*"), ("default", "claude-sonnet-*"), ("default", "*")] == [
        (row["group"], row["model"]) for row in rows
    ]


def test_one_providers_part(configured: Path, command: Command) -> None:
    rows = json.loads(command("models", "--provider", "anthropic", "--format", "json")[1])

    assert [["claude-sonnet-4-5"]] == [[target["model"] for target in row["targets"]] for row in rows]


def test_names_that_a_pattern_matches(configured: Path, command: Command) -> None:
    rows = json.loads(command("models", "--group", "default", "--names", "--format", "json")[1])

    assert {"claude-sonnet-4-5", "tiny-1"} <= {row["model"] for row in rows}


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--group", "smal", "no group `smal`; did you mean `small`?"),
        ("--provider", "nea", "no provider `nea`; did you mean `near`?"),
    ],
)
def test_unknown_names_are_guessed(configured: Path, command: Command, option: str, name: str, said: str) -> None:
    code, out, err = command("models", option, name)

    assert (2, "") == (code, out)
    assert said in err


def test_upstream_asks_the_provider(configured: Path, command: Command, upstream: Any) -> None:
    code, out, _ = command("models", "--provider", "near", "--upstream")

    assert 0 == code
    assert ["PROVIDER  MODEL   CONTEXT  OUTPUT", "near      tiny-1       4k       -"] == out.splitlines()
    assert [("/v1/models", "good-key-1", None)] == upstream.asked


def test_upstream_tells_who_refuses_without_the_key(folder: Path, command: Command, upstream: Any) -> None:
    (folder / "ccproxy.yaml").write_text((CONFIG % upstream.url).replace("good-key-1", "bad-key-12345"))

    code, out, err = command("models", "--provider", "near", "--upstream", "--format", "json")

    assert (1, []) == (code, json.loads(out))
    assert "near: 401: Incorrect API key provided: ***\n" == err


def test_groups_are_listed(configured: Path, command: Command) -> None:
    assert [
        "ACTIVE  GROUP    ALIASES             FALLS BACK TO",
        "        default  claude-sonnet-*, *  -",
        "*       small    claude-*            default",
    ] == command("groups")[1].splitlines()
    assert [("default", False), ("small", True)] == [
        (group["group"], group["active"]) for group in json.loads(command("groups", "list", "--format", "json")[1])
    ]


def test_another_group_becomes_active_and_every_remark_stays(configured: Path, command: Command) -> None:
    before = configured.read_text()

    assert 0 == command("groups", "use", "default")[0]
    assert before.replace("active_group: small ", "active_group: default ") == configured.read_text()
    assert (0, "", "ccproxy groups: `default` is the active group already\n") == command("groups", "use", "default")


@pytest.mark.parametrize(
    ("name", "said"), [("defalt", "did you mean `default`?"), ("x", "there are `default` and `small`")]
)
def test_only_a_group_that_there_is_becomes_active(configured: Path, command: Command, name: str, said: str) -> None:
    before = configured.read_text()
    code, out, err = command("groups", "use", name)

    assert (2, "", f"ccproxy groups: there is no group `{name}`; {said}\n") == (code, out, err)
    assert before == configured.read_text()


def test_without_a_file_there_is_nothing_to_change(
    folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "words of a key")

    assert (0, "", "ccproxy groups: `default` is the active group already\n") == command("groups", "use", "default")
    assert [] == list(folder.iterdir())
