"""Recorded requests of Claude's and OpenAI's clients, for upstreams of both protocols.

What comes out is a request that the protocol's schema knows, and it tells a model the same.
"""

from __future__ import annotations

import json

import pytest

from ccproxy import Engine
from ccproxy.shapes.validator import BodyValidator
from recordings.requests import read_chat_request, read_claude_request
from recordings.traffic import SHARED, Recording, recordings

CHAT, CLAUDE = "openai-chat", "claude"
PATHS = {CHAT: "/chat/completions", CLAUDE: "/messages"}
READERS = {CHAT: read_chat_request, CLAUDE: read_claude_request}
ALL = [recording for protocol in (CLAUDE, CHAT) for recording in recordings(protocol) if recording.request]

pytestmark = pytest.mark.skipif(not ALL, reason="no recordings beside the project")


def captures() -> list[Recording]:
    """Requests of real clients, with their texts replaced."""
    found = []
    for path in sorted((SHARED.parent / "clients" / "captures").glob("*/*.json")):
        said = json.loads(path.read_bytes())
        protocol = next(
            (name for name, end in PATHS.items() if said.get("path", "").partition("?")[0].endswith(end)), None
        )
        body = said.get("body")
        if protocol and isinstance(body, dict) and "thread" not in body:
            found.append(Recording(f"{path.parent.name}/{path.stem}", protocol, body, 200, None, None))
    return found


CAPTURES = captures()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("target", [CLAUDE, CHAT])
@pytest.mark.parametrize("recording", [*ALL, *CAPTURES], ids=lambda recording: recording.name)
def test_request_says_the_same(engine: Engine, recording: Recording, target: str) -> None:
    assert recording.request is not None
    body = {"model": "m", **recording.request}

    output = engine.request(body, source=recording.protocol, target=target)

    assert BodyValidator(f"wire/{target}/request").problem(output) is None
    assert READERS[recording.protocol](body).comparable() == READERS[target](output).comparable()
