"""Coding clients finish a tool round trip through a running ccproxy whose providers speak other protocols.

Runs where the clients are installed: `CCPROXY_CLIENTS` names a folder that holds them, made with the `install.sh` of
../shared/clients. `.ci/run` installs what it can in a limited time.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("CCPROXY_CLIENTS", ""))
RUNNER = FOLDER / "run_clients.sh"
pytestmark = pytest.mark.skipif(
    not os.environ.get("CCPROXY_CLIENTS") or not RUNNER.is_file(), reason="CCPROXY_CLIENTS names no installed clients"
)
# Client of the runner -> the program that it needs.
CLIENTS = {
    "claude": "npm/node_modules/.bin/claude",
    "claude-bare": "npm/node_modules/.bin/claude",
    "codex": "npm/node_modules/.bin/codex",
    "gemini": "npm-gemini/node_modules/.bin/gemini",
    "qwen-openai": "npm-qwen/node_modules/.bin/qwen",
    "qwen-responses": "npm-qwen/node_modules/.bin/qwen",
    "qwen-anthropic": "npm-qwen/node_modules/.bin/qwen",
    "qwen-gemini": "npm-qwen/node_modules/.bin/qwen",
    "opencode-chat": "npm/node_modules/.bin/opencode",
    "opencode-responses": "npm/node_modules/.bin/opencode",
    "opencode-claude": "npm/node_modules/.bin/opencode",
    "opencode-gemini": "npm/node_modules/.bin/opencode",
}
# Every client meets a provider of another protocol than its own, in its own group.
CONFIG = """
providers:
  chat: {{ protocol: openai-chat, base_url: "{up}/v1", keys: [sk-upstream] }}
  claude: {{ protocol: claude, base_url: "{up}/v1", keys: [sk-upstream] }}
groups:
  default: {{ aliases: {{ "claude-*": chat/gpt-5, "gemini*": chat/gpt-5, "*": claude/claude-sonnet-4-5 }} }}
"""
START_S = 60


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clients")
    upstream, proxy = free_port(), free_port()
    config = folder / "ccproxy.yaml"
    config.write_text(CONFIG.format(up=f"http://127.0.0.1:{upstream}"), encoding="utf-8")
    serve = [sys.executable, "-m", "ccproxy", "serve", "--config", str(config), "--port", str(proxy)]
    fake = [sys.executable, str(FOLDER / "fake_upstream.py"), str(upstream), str(folder / "log.jsonl")]
    with (folder / "fake.txt").open("w") as told, (folder / "serve.txt").open("w") as said:
        running = [subprocess.Popen(fake, stdout=told, stderr=told), subprocess.Popen(serve, stdout=said, stderr=said)]
        try:
            for port in (upstream, proxy):
                wait_for(port)
            yield f"http://127.0.0.1:{proxy}"
        finally:
            for process in running:
                process.terminate()
                process.wait(10)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_tool_round_trip(root: str, name: str) -> None:
    if not (FOLDER / CLIENTS[name]).exists():
        pytest.skip(f"{name} is not installed")
    bash = shutil.which("bash")
    assert bash is not None
    ran = subprocess.run(
        [bash, str(RUNNER), root],
        env={**os.environ, "CLIENTS": name, "TIMEOUT": "90"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert re.search(rf"^PASS {name}\b", ran.stdout, re.MULTILINE), ran.stdout + ran.stderr


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < until, f"nothing listens on {port}"
            time.sleep(0.1)
        else:
            return
