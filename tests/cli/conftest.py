"""Commands in a folder of their own, without the keys of whoever runs the tests."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ccproxy.cli import setup
from ccproxy.cli.main import main
from ccproxy.conversion.engine import Engine
from cli.served import Served

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
def command(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> Command:
    """Run a command: its exit code, its results, its talk."""
    monkeypatch.setattr(setup, "load_engine", lambda overlays: Engine.load(*overlays) if overlays else engine)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        output = capsys.readouterr()
        return code, output.out, output.err

    return run


class Upstream:
    """A provider on this machine that answers by key and path; it knows one model."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.date: str | None = None
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def _answer(self, body: Any) -> None:
                key = self.headers.get("authorization", "").removeprefix("Bearer ")
                upstream.asked.append((self.path, key, body))
                status, told = upstream.answer(self.path, key, body)
                content = told if isinstance(told, bytes) else json.dumps(told).encode()
                self.send_response_only(status)
                self.send_header("date", upstream.date or self.date_time_string())
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Be silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, path: str, key: str, body: Any) -> tuple[int, Any]:
        """Choose status and body."""
        if key.startswith("bad"):
            return 401, {"error": {"message": f"Incorrect API key provided: {key}", "type": "invalid_request_error"}}
        if key.startswith("limited"):
            return 429, {"error": {"message": "slow down", "type": "rate_limit_error"}}
        if key.startswith("slow"):
            time.sleep(1.5)
        if path == "/v1/models":
            return 200, {"object": "list", "data": [{"id": "tiny-1", "object": "model", "context_length": 4096}]}
        if path != "/v1/chat/completions":
            return 404, b"<html>nothing here</html>"
        if body["model"] != "tiny-1":
            return 404, {"error": {"message": "The model does not exist", "code": "model_not_found"}}
        message = {"role": "assistant", "content": "OK"}
        return 200, {
            "id": "1",
            "model": "tiny-1",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A provider that answers by key, path and model."""
    running = Upstream()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The built-in mappings, loaded once."""
    return Engine.load()


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
