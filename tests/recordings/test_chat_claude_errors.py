"""Recorded errors of Claude and of OpenAI-compatible hosts, in the shape that clients of both protocols know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccproxy import Engine
from recordings.traffic import SHARED

CHAT, CLAUDE = "openai-chat", "claude"
FILES = [path for name in (CHAT, CLAUDE) for path in sorted((SHARED / "errors").glob(f"*/*-{name}-*.json"))]

pytestmark = pytest.mark.skipif(not FILES, reason="no recordings beside the project")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def words_of(body: Any) -> str:
    """What the provider says went wrong, wherever it says it."""
    error = body.get("error", body)
    said = error if isinstance(error, str) else error.get("message") or error.get("detail")
    return said if isinstance(said, str) else json.dumps(said)


@pytest.mark.parametrize("client", [CLAUDE, CHAT])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_error_says_the_same(engine: Engine, path: Any, client: str) -> None:
    recording = json.loads(path.read_bytes())
    status, body = recording["response"]["status"], recording["response"]["body"]
    source = CLAUDE if f"-{CLAUDE}-" in path.name else CHAT

    given, answer = engine.error(status, body, source=source, target=client)

    assert words_of(body) in answer["error"]["message"]
    assert status == given
    assert isinstance(answer["error"]["type"], str)
    assert ({"type", "error", "request_id"} if client == CLAUDE else {"error"}) == answer.keys()
