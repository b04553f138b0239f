"""`ccproxy env`: settings that shells and clients can read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from ccproxy.cli.settings_text import render_content, set_line
from ccproxy.config.recipes import Filling, build_recipes, fill, fill_text
from ccproxy.conversion.engine import Engine

Command = Callable[..., tuple[int, str, str]]
RECIPES = build_recipes(Engine.load().library.index.clients)
WANTED = {
    "claude-code", "gemini-cli", "codex", "qwen-code", "opencode", "zed", "cline", "roo-code",
    "openai", "anthropic", "google-genai",
}  # fmt: skip
CONFIG = """
access:
  keys:
    first: $FIRST_KEY
    codex: { key: $CODEX_KEY, groups: [small] }
    digest: { sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8 }
server: { host: 0.0.0.0, port: 8123 }
providers:
  local: { protocol: openai-chat, base_url: "http://127.0.0.1:9/v1" }
groups:
  default: { aliases: { "*": local/some } }
  small: { aliases: { tiny: local/tiny-1 } }
"""

every_recipe = pytest.mark.parametrize("name", RECIPES)


@pytest.fixture
def configured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "ccproxy.yaml").write_text(CONFIG)
    monkeypatch.setenv("FIRST_KEY", "first's key")
    (folder / ".env").write_text("CODEX_KEY=key-of-codex\n")


def test_the_known_clients_have_a_recipe() -> None:
    assert set() == WANTED - set(RECIPES)


@every_recipe
def test_a_recipe_names_only_placeholders_that_exist(name: str) -> None:
    model = {"id": "m", "capabilities": ["tools"]}
    filling = Filling("http://r", "k", "g", "m", "http://r/mcp/http", (model,))
    recipe = RECIPES[name]
    texts = [*recipe.env.values(), *recipe.model_env.values(), *recipe.settings.values(), recipe.mcp_command]
    files = [*recipe.files, *recipe.mcp_files]
    filled = [fill_text(text, filling) for text in texts] + [json.dumps(fill(file.content, filling)) for file in files]

    assert [] == [hit for text in filled for hit in re.findall(r"\{\w+\}", text)]


@every_recipe
def test_without_any_configuration_every_client_gets_settings(name: str, command: Command) -> None:
    code, out, err = command("env", name)

    assert 0 == code
    assert "http://127.0.0.1:11434" in out + err
    assert err.startswith("# ")


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", "export A='it'\"'\"'s $HOME'"),
        ("zsh", "export A='it'\"'\"'s $HOME'"),
        ("fish", r"set -gx A 'it\'s $HOME'"),
    ],
)
def test_a_value_is_quoted_for_its_shell(shell: str, line: str) -> None:
    assert line == set_line(shell, "A", "it's $HOME")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_the_output(shell: str, configured: None, command: Command) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    _, out, _ = command("env", "claude-code", "--group", "small", "--shell", shell, "--key", "a'b $c")

    script = out + 'printf "%s|%s" "$ANTHROPIC_BASE_URL" "$ANTHROPIC_AUTH_TOKEN"'
    told = subprocess.run([shell, "-c", script], capture_output=True, text=True, check=True).stdout

    assert "http://127.0.0.1:8123/small|a'b $c" == told


def test_the_key_is_the_clients_own_else_the_first_that_may(configured: None, command: Command) -> None:
    assert "export CCPROXY_KEY=key-of-codex\n" == command("env", "codex", "--group", "small", "--shell", "bash")[1]
    assert "export CCPROXY_KEY='first'\"'\"'s key'\n" == command("env", "codex", "--shell", "bash")[1]
    assert "OPENAI_API_KEY=key-of-codex\n" in command("env", "openai", "--key", "codex", "--shell", "bash")[1]


def test_a_key_that_is_only_a_digest_cannot_be_told(configured: None, command: Command) -> None:
    code, out, err = command("env", "openai", "--key", "digest")

    assert (1, "") == (code, out)
    assert "ccproxy env: only the digest of the access key `digest` is known; give its text: --key TEXT\n" == err


def test_a_client_is_told_a_model_where_its_own_have_no_alias(configured: None, command: Command) -> None:
    names = {"ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"}

    def told(*more: str) -> dict[str, str]:
        lines = command("env", "claude-code", "--shell", "bash", *more)[1].splitlines()
        pairs = [line.removeprefix("export ").partition("=") for line in lines]
        return {name: value for name, _, value in pairs if name in names}

    assert {} == told()
    assert dict.fromkeys(names, "tiny") == told("--group", "small")
    assert dict.fromkeys(names, "other") == told("--model", "other")


def test_a_group_nobody_wrote_has_no_settings(configured: None, command: Command) -> None:
    code, out, err = command("env", "claude-code", "--group", "smal")

    assert (1, "") == (code, out)
    assert "Did you mean `small`?" in err


def test_an_unknown_client_is_guessed(command: Command) -> None:
    code, out, err = command("env", "claude-cod")

    assert (2, "") == (code, out)
    assert "ccproxy env: there is no client `claude-cod`; did you mean `claude-code`?\n" == err


def test_settings_are_the_text_of_the_file(configured: None, command: Command) -> None:
    _, toml, _ = command("env", "codex", "--settings", "--group", "small")
    _, zed, talk = command("env", "zed", "--settings", "--url", "https://proxy.example/")

    assert "tiny" == tomllib.loads(toml)["model"]
    assert "http://127.0.0.1:8123/small/v1" == tomllib.loads(toml)["model_providers"]["ccproxy"]["base_url"]
    provider = json.loads(zed)["language_models"]["openai_compatible"]["ccproxy"]
    assert "https://proxy.example/v1" == provider["api_url"]
    assert [("some", 128000)] == [(model["name"], model["max_tokens"]) for model in provider["available_models"]]
    assert "add to ~/.config/zed/settings.json" in talk


def test_tools_come_from_the_proxys_own_path(configured: None, command: Command) -> None:
    _, line, _ = command("env", "claude-code", "--mcp", "--key", "k 1")
    _, file, _ = command("env", "roo-code", "--mcp", "--group", "small")
    _, nothing, talk = command("env", "openai", "--mcp")

    assert (
        "claude mcp add -t http ccproxy http://127.0.0.1:8123/mcp/http --header 'Authorization: Bearer k 1'\n" == line
    )
    assert "http://127.0.0.1:8123/mcp/http" == json.loads(file)["mcpServers"]["ccproxy"]["url"]
    assert ("", True) == (nothing, "http://127.0.0.1:8123/mcp/http" in talk)


def test_broken_configurations_give_no_settings(folder: Path, command: Command) -> None:
    (folder / "ccproxy.yaml").write_text("groups: { default: { aliases: { '*': nobody/m } } }\n")

    code, out, err = command("env", "claude-code")

    assert (1, "") == (code, out)
    assert err.startswith("error[C601]: unknown provider `nobody`")


def test_toml_is_read_back_as_it_was_written() -> None:
    content = {"a": 1, "b": {"c d": 'x"\\\n', "e": {"f": [True, {"g": 1.5}]}}, "h": {}}

    assert {"a": 1, "b": content["b"]} == tomllib.loads(render_content(content, "toml"))


@pytest.mark.parametrize("more", [(), ("--group", "small"), ("--model", "other")])
def test_the_usual_model_of_a_list_is_in_it(configured: None, command: Command, more: tuple[str, ...]) -> None:
    opencode = json.loads(command("env", "opencode", "--settings", *more)[1])
    zed = json.loads(command("env", "zed", "--settings", *more)[1])

    assert opencode["model"].removeprefix("ccproxy/") in opencode["provider"]["ccproxy"]["models"]
    assert zed["agent"]["default_model"]["model"] in [
        model["name"] for model in zed["language_models"]["openai_compatible"]["ccproxy"]["available_models"]
    ]
