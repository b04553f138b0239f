"""`ccproxy init`: what it finds, what it writes, and that no key is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccproxy.cli import discovery
from ccproxy.cli.checked_config import load_checked
from ccproxy.config.model import Config
from ccproxy.conversion.engine import Engine

Command = Callable[..., tuple[int, str, str]]
VARIABLES = {"AZURE_OPENAI_RESOURCE": "mine", "GOOGLE_VERTEX_LOCATION": "l", "GOOGLE_VERTEX_PROJECT": "p"}


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without model servers and without programs of clients."""
    monkeypatch.setattr(discovery, "_is_local", lambda _: False)
    monkeypatch.setattr(discovery.shutil, "which", lambda _: None)


@pytest.fixture
def server(upstream: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model server at the usual address of one preset; nothing listens at the others."""
    original = discovery.provider_of

    def moved(preset: Any, *rest: Any) -> Any:
        url = upstream.url if preset.name == "vllm" else "http://127.0.0.1:9/v1"
        return replace(original(preset, *rest), base_url=url)

    monkeypatch.setattr(discovery, "provider_of", moved)
    return upstream


def written(folder: Path, engine: Engine, **environ: str) -> Config:
    """The configuration in the folder, which must be without any fault."""
    config, problems = load_checked(folder / "ccproxy.yaml", environ, engine)
    assert [] == problems
    return config


def test_keys_of_the_environment_become_providers(
    quiet: None, folder: Path, command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"ANTHROPIC_API_KEY": "secret-words-1", "DEEPSEEK_API_KEY": "secret-words-2"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)

    code, out, err = command("init")
    text = (folder / "ccproxy.yaml").read_text()
    config = written(folder, engine, **keys)

    assert (0, "") == (code, err)
    assert ["anthropic", "deepseek"] == list(config.providers)
    assert ("secret-words-2",) == config.providers["deepseek"].keys
    assert "keys: [$DEEPSEEK_API_KEY]" in text
    assert "secret-words" not in text + out
    assert {"default", "anthropic", "deepseek"} == set(config.groups)
    assert "next   ccproxy serve\n" in out


def test_keys_beside_the_file_count_too(quiet: None, folder: Path, command: Command, engine: Engine) -> None:
    (folder / ".env").write_text("XAI_API_KEY=secret-words\n")

    assert 0 == command("init")[0]
    assert [("secret-words",)] == [provider.keys for provider in written(folder, engine).providers.values()]


@pytest.mark.parametrize("name", sorted(Engine.load().library.index.providers))
def test_every_preset_with_a_key_gives_a_good_configuration(
    name: str, quiet: None, folder: Path, command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    preset = engine.library.index.providers[name]
    variable = preset.get("key_variable")
    if variable is None:
        assert preset.get("base_url", "").startswith("http://127.0.0.1")
        return
    environ = {str(variable): "words of a key", **VARIABLES}
    for each, value in environ.items():
        monkeypatch.setenv(each, value)

    assert (0, "") == command("init")[::2]
    assert written(folder, engine, **environ).providers


def test_a_server_on_this_machine_is_found_with_its_models(
    server: Any, folder: Path, command: Command, engine: Engine
) -> None:
    code, out, _ = command("init")
    config = written(folder, engine)

    assert 0 == code
    assert "found  vLLM: 1 model at http://127.0.0.1:8000/v1\n" in out
    assert ["vllm"] == list(config.providers)
    assert {"tiny-1": "tiny-1", "*": "tiny-1"} == {
        alias.pattern: alias.targets[0].model for alias in config.groups["default"].aliases
    }


def test_a_running_proxy_is_no_model_server(
    server: Any, folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = server.answer
    health = {"status": "ok", "configuration": {"version": 1}}
    monkeypatch.setattr(
        server, "answer", lambda path, *rest: (200, health) if path == "/health" else original(path, *rest)
    )

    assert 1 == command("init")[0]


def test_nothing_found_writes_nothing(quiet: None, folder: Path, command: Command) -> None:
    code, out, err = command("init")

    assert (1, "") == (code, out)
    assert "ANTHROPIC_API_KEY" in err
    assert [] == list(folder.iterdir())


def test_a_file_that_is_there_stays(
    quiet: None, folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XAI_API_KEY", "words of a key")
    (folder / "mine.yaml").write_text("mine")

    assert (1, "", "ccproxy init: there is a mine.yaml already; --force replaces it\n") == command("init", "mine.yaml")
    assert "mine" == (folder / "mine.yaml").read_text()
    assert 0 == command("init", "mine.yaml", "--force")[0]
    assert "XAI_API_KEY" in (folder / "mine.yaml").read_text()


def test_programs_of_clients_get_their_next_command(
    quiet: None, folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XAI_API_KEY", "words of a key")
    monkeypatch.setattr(discovery.shutil, "which", lambda program: "/bin/it" if program == "claude" else None)

    out = command("init", "mine.yaml")[1]

    assert 'then   eval "$(ccproxy env claude-code --config mine.yaml)" && claude\n' in out
    assert "codex" not in out


def test_the_port_is_one_that_nobody_has(
    quiet: None, folder: Path, command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ccproxy.cli import init

    monkeypatch.setenv("XAI_API_KEY", "words of a key")
    monkeypatch.setattr(init, "can_listen", lambda _, port: port > 11435)

    command("init")

    assert 11436 == written(folder, engine, XAI_API_KEY="k").server.port
    assert "# 11434 is taken" in (folder / "ccproxy.yaml").read_text()
