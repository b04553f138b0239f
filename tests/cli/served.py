"""`ccproxy serve` as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

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

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def json(self, path: str) -> Any:
        return json.loads(self.get(path)[1])

    def until(self, is_so: Callable[[], bool], seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, self.stop()
            time.sleep(0.05)

    def stop(self) -> str:
        """End it well, and return what it said on standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=20)
        assert 0 == self.process.returncode, errors
        return errors


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
