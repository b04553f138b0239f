"""`ccproxy serve` as a process: starting, what it says, answering without any configuration, stopping."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ccproxy.cli import serve as serve_module
from ccproxy.cli.main import build_parser, main
from ccproxy.cli.serving import prepare
from ccproxy.conversion.engine import Engine
from ccproxy.jsontypes import Json
from cli.served import Served, free_port


def test_answers_without_any_configuration(serve: Callable[..., Served]) -> None:
    served = serve("--replay").wait()
    assert "recorded sessions, not a model" in "\n".join(served.said)
    assert any(f"ANTHROPIC_BASE_URL={served.url} ANTHROPIC_AUTH_TOKEN=any claude" in line for line in served.said)

    hello: list[Json] = [{"role": "user", "content": "hi"}]
    status, body = served.post("/v1/messages", {"model": "any", "max_tokens": 9, "messages": hello})
    assert 200 == status, body
    assert "recording" in str(json.loads(body))

    tool = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}}}
    ask: dict[str, Json] = {"model": "m", "max_tokens": 9, "tools": [tool]}
    _, first = served.post("/v1/messages", {**ask, "messages": hello})
    call = json.loads(first)["content"][0]
    assert ("tool_use", "get_weather", {"location": "Paris"}) == (call["type"], call["name"], call["input"])

    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"}
    turns = [*hello, {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    _, second = served.post("/v1/messages", {**ask, "messages": turns, "stream": True})
    assert b"sunny" in second
    assert b"event: message_stop" in second

    served.process.send_signal(signal.SIGTERM)
    _, errors = served.process.communicate(timeout=20)
    assert (0, "") == (served.process.returncode, errors)


def test_serves_what_the_configuration_says(serve: Callable[..., Served], tmp_path: Path) -> None:
    (tmp_path / "ccproxy.yaml").write_text(
        "providers: { here: { protocol: openai-chat, base_url: http://127.0.0.1:9/v1, keys: [$KEY] } }\n"
        "groups: { default: { aliases: { 'tiny-*': here/tiny } }, other: { aliases: { big: here/big } } }\n"
        "log: { requests: true, format: json }\n"
    )
    served = serve("--workers", "2", "--port", str(free_port()), KEY="k").wait()
    assert "default (tiny-*), other (big)" in "\n".join(served.said)

    for _ in range(8):
        status, body = served.post("/v1/chat/completions", {"model": "tny-1", "messages": []})
        assert (404, True) == (status, b"tiny-*" in body)

    served.process.send_signal(signal.SIGINT)
    _, errors = served.process.communicate(timeout=20)
    assert 0 == served.process.returncode
    assert 8 == errors.count('"path":"/v1/chat/completions","status":404')


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.fixture
def refused(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Start in this process, expect that it cannot, and return what it said."""

    def start(*options: str, config: str | None = None) -> str:
        if config is not None:
            (tmp_path / "ccproxy.yaml").write_text(config)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("ccproxy.cli.serving.load_engine", lambda _overlays: engine)
        assert 1 == main(["serve", *options])
        output, errors = capsys.readouterr()
        assert "" == output
        assert "Traceback" not in errors
        return errors

    return start


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("server: { hots: 127.0.0.1 }", "did you mean `host`?"),
        ("server: { host: 127.0.0.1", "error[Y101]"),
        ("providers: { here: { keys: [$NOT_SET] } }", "NOT_SET"),
        ("groups: { v1: {} }", "`v1` cannot be the name of a group"),
    ],
)
def test_a_broken_configuration_ends_with_its_diagnostics(refused: Callable[..., str], config: str, words: str) -> None:
    errors = refused(config=config)

    assert words in errors
    assert "ccproxy.yaml:1:" in errors


def test_a_public_address_needs_a_key(refused: Callable[..., str]) -> None:
    assert "public address" in refused("--replay", "--host", "0.0.0.0")


def test_a_missing_configuration_file_is_told(refused: Callable[..., str]) -> None:
    assert "nowhere.yaml" in refused("--config", "nowhere.yaml")


def test_a_missing_model_file_is_told(refused: Callable[..., str]) -> None:
    assert "model" in refused("--local-model", "nowhere.gguf")


def test_a_taken_port_is_told(refused: Callable[..., str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        errors = refused("--replay", "--port", str(taken.getsockname()[1]))

    assert "cannot listen on 127.0.0.1" in errors


def test_a_broken_mapping_ends_with_its_diagnostics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine" / "shared"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text("table: bad\nvalues: { a: b\n")
    monkeypatch.setattr("ccproxy.cli.mappings_option.find_data_dirs", lambda _kind: ())

    assert 1 == main(["serve", "--mappings", str(tmp_path / "mine")])

    assert "bad.yaml:2" in capsys.readouterr().err


def test_a_mistake_in_a_quirk_ends_with_its_diagnostics(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quirk = tmp_path / "mine" / "quirks" / "bad.yaml"
    quirk.parent.mkdir(parents=True)
    quirk.write_text(
        "quirk: bad\nwhy: The host has another word for it.\nsource: https://host.example\n"
        "applies_to: { protocol: openai-chat }\nrequest:\n  limit: = max_tokenz\n"
    )

    assert 1 == main(["serve", "--mappings", str(tmp_path / "mine")])

    assert "write `max_tokens`" in capsys.readouterr().err


def test_finds_provider_keys_in_the_environment(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ccproxy.cli.serving.load_engine", lambda _overlays: engine)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    setup = prepare(build_parser("serve", serve_module).parse_args(["serve"]))

    assert "anthropic, whose keys are in the environment" == setup.models_from
    assert ("k",) == setup.config.providers["anthropic"].keys
