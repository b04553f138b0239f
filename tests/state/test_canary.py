"""A proxy of two workers, run as people run it: everything is counted once, and no key is ever told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from state.conftest import rows_of

ENGINE = Path(__file__).resolve().parents[2] / "engine"
CLIENT_KEY, STRANGER, PROVIDER_KEY = "canary-of-the-client", "canary-of-a-stranger", "canary-of-the-provider"
CONFIG = """\
server: {{ port: {port}, workers: 2 }}
access:
  keys:
    zed: {{ key: $CLIENT_KEY, admin: true }}
    poor: {{ key: $CLIENT_KEY_2, budget: {{ tokens: 1, per: total }} }}
providers: {{ far: {{ protocol: openai-chat, base_url: "http://127.0.0.1:{upstream}/v1", keys: [$PROVIDER_KEY] }} }}
groups: {{ default: {{ aliases: {{ "*": "far/*" }} }} }}
resilience: {{ retries: 0 }}
prices: {{ far/*: {{ input: 1, output: 2 }} }}
state: sqlite:///kept.db
log: {{ requests: true }}
"""
ANSWER = {
    "id": "x", "object": "chat.completion", "created": 1, "model": "good",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hello"}}],
    "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
}  # fmt: skip
MESSAGES = {"max_tokens": 5, "messages": [{"role": "user", "content": "hi"}]}
PLACES = {
    "/v1/messages": [{"x-api-key": CLIENT_KEY}, {"authorization": f"bearer {CLIENT_KEY}"}, {"api-key": CLIENT_KEY}],
    "/v1/chat/completions": [{"x-goog-api-key": CLIENT_KEY}, {"Authorization": f"Bearer {CLIENT_KEY}"}],
    f"/v1/chat/completions?key={CLIENT_KEY}": [{}],
}


class Upstream(BaseHTTPRequestHandler):
    """A provider that tells everything it was sent, in its errors too."""

    seen: list[str] = []  # noqa: RUF012 (the test reads and clears it)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        told = f"{self.path} {self.headers} {body}"
        self.seen.append(told)
        status = 200 if body["model"] == "good" else int(body["model"])
        answer = ANSWER if status == 200 else {"error": {"message": f"wrong: {told}", "type": "x"}}
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(json.dumps(answer))))
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Proxy:
    process: subprocess.Popen[str]
    folder: Path
    url: str
    environ: dict[str, str]
    told: list[str] = field(default_factory=list)

    def ask(self, path: str, headers: dict[str, str], model: str = "good", method: str = "POST") -> tuple[int, str]:
        body = json.dumps({"model": model, **MESSAGES}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                answer = error.read().decode()
                self.told += [answer, str(error.headers)]
                return error.code, answer

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.told += self.process.communicate(timeout=20)

    def command(self, *words: str) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "ccproxy", *words],
            cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        self.told += [run.stdout, run.stderr]
        return run.stdout


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    Thread(target=upstream.serve_forever, daemon=True).start()
    Upstream.seen.clear()
    port = free_port()
    (tmp_path / "ccproxy.yaml").write_text(CONFIG.format(port=port, upstream=upstream.server_port))
    keys = {"CLIENT_KEY": CLIENT_KEY, "CLIENT_KEY_2": f"{CLIENT_KEY}-2", "PROVIDER_KEY": PROVIDER_KEY}
    environ = {**os.environ, **keys, "PYTHONPATH": str(ENGINE)}
    process = subprocess.Popen(
        [sys.executable, "-m", "ccproxy", "serve"],
        cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    running = Proxy(process, tmp_path, f"http://127.0.0.1:{port}", environ)
    _wait_for(port, process)
    yield running
    if process.poll() is None:
        process.kill()
        process.communicate()
    upstream.shutdown()
    upstream.server_close()


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    process.kill()
    raise AssertionError(process.communicate())


def statuses(proxy: Proxy) -> list[int]:
    """Ask in every way that there is, good and bad."""
    found = [proxy.ask(path, headers)[0] for path, choices in PLACES.items() for headers in choices]
    for path in ("/v1/messages", "/v1/chat/completions"):
        found += [proxy.ask(path, {"x-api-key": CLIENT_KEY}, model)[0] for model in ("400", "401", "429", "500")]
        found += [proxy.ask(f"{path}?key={STRANGER}", {"authorization": f"Bearer {STRANGER}"})[0]]
    poor = {"x-api-key": f"{CLIENT_KEY}-2"}
    for _ in range(20):  # until the worker that answers knows what was spent
        found.append(proxy.ask("/v1/messages", poor)[0])
        if found[-1] == 402:
            break
        time.sleep(0.5)
    return found


def metrics(proxy: Proxy) -> str:
    """The page, once several looks at it agree, whichever worker answers."""
    for _ in range(20):
        pages = {proxy.ask("/metrics", {"x-api-key": CLIENT_KEY}, method="GET")[1] for _ in range(6)}
        if len(pages) == 1:
            return pages.pop()
        time.sleep(0.5)
    raise AssertionError(pages)


def test_everything_is_counted_and_no_key_is_told(proxy: Proxy) -> None:
    asked = statuses(proxy)
    page = metrics(proxy)
    refused = proxy.ask("/metrics", {"x-api-key": f"{CLIENT_KEY}-2"}, method="GET")[0]
    proxy.stop()

    assert [200] * 6 == asked[:6]
    assert [401, 401] == [asked[10], asked[15]]
    assert 403 == refused
    rows = rows_of(proxy.folder / "kept.db", "key, status, error, cost")
    assert len(asked) == len(rows)
    of_poor = [status for key, status, _, _ in rows if key == "poor"]
    assert {200: len(of_poor) - 1, 402: 1} == Counter(of_poor)
    assert 6 + len(of_poor) - 1 == sum(cost is not None and abs(float(str(cost)) - 0.0012) < 1e-9 for *_, cost in rows)
    counted = [line for line in page.splitlines() if line.startswith("ccproxy_requests_total")]
    assert len(asked) == sum(int(line.rpartition(" ")[2]) for line in counted)
    assert "zed" in proxy.command("usage", "--by", "key")
    assert "poor" in proxy.command("keys", "list")

    proxy.told.append(page)
    stored = [file.read_bytes() for file in proxy.folder.iterdir() if file.name.startswith("kept.db")]
    for secret in (CLIENT_KEY, STRANGER, PROVIDER_KEY, sha256(CLIENT_KEY.encode()).hexdigest()):
        assert not [text for text in proxy.told if secret in text]
        assert not [1 for content in stored if secret.encode() in content]
    assert not [seen for seen in Upstream.seen if CLIENT_KEY in seen or STRANGER in seen]
    assert all(PROVIDER_KEY in seen for seen in Upstream.seen)
