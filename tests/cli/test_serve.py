"""`ccproxy serve` as a process: starting, what it says, answering without any configuration, stopping."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccproxy.jsontypes import Json

ENGINE = Path(__file__).resolve().parents[2] / "engine"
QUIET = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}


class Served:
    """A running proxy and the lines that it said at start."""

    def __init__(self, folder: Path, *options: str, **environ: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ccproxy", "serve", "--port", "0", *options],
            cwd=folder,
            env={**QUIET, "PYTHONPATH": str(ENGINE), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self.url = ""

    def wait(self) -> Served:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if found := re.search(r"listens on (\S+)", line):
                self.url = found[1]
            if " claude" in line:
                break
        assert self.url, self.process.communicate()
        return self

    def post(self, path: str, body: Json) -> tuple[int, bytes]:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(*options: str, **environ: str) -> Served:
        running.append(Served(tmp_path, *options, **environ))
        return running[-1]

    yield start
    for served in running:
        served.process.kill()
        served.process.communicate()


def test_answers_without_any_configuration(serve: Callable[..., Served]) -> None:
    started = time.monotonic()
    served = serve("--replay").wait()

    status, body = served.post(
        "/v1/messages", {"model": "any", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    )

    assert 200 == status, body
    assert "recording" in str(json.loads(body))
    assert time.monotonic() - started < 5
    assert "recorded sessions, not a model" in "\n".join(served.said)
    assert any(f"ANTHROPIC_BASE_URL={served.url} ANTHROPIC_AUTH_TOKEN=any claude" in line for line in served.said)


def test_replays_a_stream_and_a_tool_round_trip(serve: Callable[..., Served]) -> None:
    served = serve("--replay").wait()
    tool = {"name": "get_weather", "input_schema": {"type": "object", "properties": {"location": {"type": "string"}}}}
    ask: dict[str, Json] = {
        "model": "m",
        "max_tokens": 9,
        "tools": [tool],
        "messages": [{"role": "user", "content": "?"}],
    }

    _, first = served.post("/v1/messages", ask)
    call = json.loads(first)["content"][0]
    assert ("tool_use", "get_weather", {"location": "Paris"}) == (call["type"], call["name"], call["input"])

    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "sunny"}
    turns = [*ask["messages"], {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]  # type: ignore[misc]
    _, second = served.post("/v1/messages", {**ask, "messages": turns, "stream": True})
    assert b"sunny" in second
    assert b"event: message_stop" in second


def test_serves_what_the_configuration_says(serve: Callable[..., Served], tmp_path: Path) -> None:
    (tmp_path / "ccproxy.yaml").write_text(
        "providers: { here: { protocol: openai-chat, base_url: http://127.0.0.1:9/v1, keys: [$KEY] } }\n"
        "groups: { default: { aliases: { 'tiny-*': here/tiny } }, other: { aliases: { big: here/big } } }\n"
    )
    served = serve(KEY="k").wait()

    status, body = served.post("/v1/chat/completions", {"model": "tny-1", "messages": []})

    assert 404 == status
    assert b"tiny-*" in body
    assert "default (tiny-*), other (big)" in "\n".join(served.said)


def test_finds_provider_keys_in_the_environment(serve: Callable[..., Served]) -> None:
    served = serve(ANTHROPIC_API_KEY="k").wait()

    assert "anthropic, whose keys are in the environment" in "\n".join(served.said)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("server: { hots: 127.0.0.1 }", "did you mean `host`?"),
        ("server: { host: 127.0.0.1", "not YAML"),
        ("providers: { here: { keys: [$NOT_SET] } }", "NOT_SET"),
        ("groups: { v1: {} }", "`v1` cannot be the name of a group"),
    ],
)
def test_a_broken_configuration_ends_with_its_diagnostics(
    serve: Callable[..., Served], tmp_path: Path, config: str, words: str
) -> None:
    (tmp_path / "ccproxy.yaml").write_text(config)

    output, errors = serve().process.communicate(timeout=20)

    assert "" == output
    assert words in errors
    assert "ccproxy.yaml:1:" in errors
    assert "Traceback" not in errors


def test_a_broken_mapping_ends_with_its_diagnostics(serve: Callable[..., Served], tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "shared"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text("table: bad\nvalues: { a: b\n")

    process = serve("--mappings", "mine").process
    _, errors = process.communicate(timeout=20)

    assert 1 == process.returncode
    assert "bad.yaml" in errors
    assert "Traceback" not in errors


def test_a_public_address_needs_a_key(serve: Callable[..., Served]) -> None:
    process = serve("--replay", "--host", "0.0.0.0").process

    _, errors = process.communicate(timeout=20)

    assert 1 == process.returncode
    assert "public address" in errors


def test_a_missing_configuration_file_is_told(serve: Callable[..., Served]) -> None:
    process = serve("--config", "nowhere.yaml").process

    _, errors = process.communicate(timeout=20)

    assert 1 == process.returncode
    assert "nowhere.yaml" in errors


def test_a_taken_port_is_told(serve: Callable[..., Served]) -> None:
    served = serve("--replay").wait()

    process = serve("--replay", "--port", served.url.rpartition(":")[2]).process
    _, errors = process.communicate(timeout=20)

    assert 1 == process.returncode
    assert "cannot listen on 127.0.0.1" in errors


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quietly(serve: Callable[..., Served], ending: signal.Signals) -> None:
    served = serve("--replay").wait()
    served.post("/v1/messages", {"model": "any", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})

    served.process.send_signal(ending)
    _, errors = served.process.communicate(timeout=5)

    assert (0, "") == (served.process.returncode, errors)


def test_workers_share_a_port(serve: Callable[..., Served], tmp_path: Path) -> None:
    (tmp_path / "ccproxy.yaml").write_text("log: { requests: true }\n")
    with_port = ["--workers", "2", "--port", str(_free_port())]
    served = serve(*with_port).wait()

    for _ in range(8):
        assert 404 == served.post("/v1/nothing", {})[0]
    served.process.send_signal(signal.SIGTERM)
    _, errors = served.process.communicate(timeout=5)

    assert 0 == served.process.returncode
    assert 8 == errors.count('"path":"/v1/nothing","status":404')


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
