"""Recorded errors of Google and Ollama for every kind of client, and those of others for their clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from recordings.traffic import SHARED

GEMINI, OLLAMA, CHAT, CLAUDE = "gemini", "ollama", "openai-chat", "claude"
FILES = [
    (path, name)
    for name in (GEMINI, OLLAMA, CHAT, CLAUDE)
    for path in sorted((SHARED / "errors").glob(f"*/*-{name}-*.json"))
]
PAIRS = [
    (path, name, client)
    for path, name in FILES
    for client in (GEMINI, OLLAMA, CHAT, CLAUDE)
    if {name, client} & {GEMINI, OLLAMA}
]

pytestmark = pytest.mark.skipif(not FILES, reason="no recordings beside the project")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def words_of(body: Any) -> str:
    """What the provider says went wrong, wherever it says it."""
    first = body[0] if isinstance(body, list) else body
    error = first.get("error", first)
    said = error if isinstance(error, str) else error.get("message") or error.get("detail")
    return said if isinstance(said, str) else json.dumps(said)


@pytest.mark.parametrize(("path", "source", "client"), PAIRS, ids=[f"{p.stem} to {c}" for p, _, c in PAIRS])
def test_error_says_the_same(engine: Engine, path: Path, source: str, client: str) -> None:
    recording = json.loads(path.read_bytes())
    status, body = recording["response"]["status"], recording["response"]["body"]

    given, answer = engine.error(status, body, source=source, target=client)

    assert words_of(body) in words_of(answer)
    assert given == (401 if "API_KEY_INVALID" in json.dumps(body) else status)
    if client == GEMINI:
        assert {"code", "message", "status"} <= answer["error"].keys()
        assert given == answer["error"]["code"]
