"""Recorded and captured requests of Gemini's and Ollama's clients for all upstreams, and those of others for theirs.

What comes out is a request that the protocol's schema knows, and it tells a model the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.shapes.validator import BodyValidator
from recordings.gemini_ollama_requests import read_gemini_request, read_ollama_request
from recordings.requests import Conversation, read_chat_request, read_claude_request
from recordings.traffic import SHARED, Recording, recordings

CHAT, CLAUDE, GEMINI, OLLAMA = "openai-chat", "claude", "gemini", "ollama"
ENDS = {
    "/chat/completions": CHAT,
    "/messages": CLAUDE,
    ":generateContent": GEMINI,
    ":streamGenerateContent": GEMINI,
    "/api/chat": OLLAMA,
    "/api/generate": OLLAMA,
}
# Said to models without a JSON mode of their own
JSON_IN_WORDS = r"AnswerwithoneJSONobjectandnothingelse\.Writenowordsandnocodefencearoundit\."
READERS = {
    CHAT: read_chat_request,
    CLAUDE: read_claude_request,
    GEMINI: read_gemini_request,
    OLLAMA: read_ollama_request,
}


def captures() -> list[Recording]:
    """Requests of real clients, with their texts replaced."""
    found = []
    for path in sorted((SHARED.parent / "clients" / "captures").glob("*/*.json")):
        said = json.loads(path.read_bytes())
        address, body = said.get("path", "").partition("?")[0], said.get("body")
        protocol = next((name for end, name in ENDS.items() if address.endswith(end)), None)
        if protocol and isinstance(body, dict) and "thread" not in body:
            found.append(Recording(f"{path.parent.name}/{path.stem}", protocol, body, 200, None, None))
    return found


def is_question(request: dict[str, Any]) -> bool:
    """Whether a model is asked; not what hosts are asked about models."""
    return any(name in request for name in ("messages", "contents", "prompt"))


ALL = [r for name in READERS for r in recordings(name) if r.request and is_question(r.request)] + captures()
PAIRS = [(r, target) for r in ALL for target in READERS if {r.protocol, target} & {GEMINI, OLLAMA}]

pytestmark = pytest.mark.skipif(not ALL, reason="no recordings beside the project")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize(
    ("recording", "target"), PAIRS, ids=[f"{r.protocol} to {target}: {r.name}" for r, target in PAIRS]
)
def test_request_says_the_same(engine: Engine, recording: Recording, target: str) -> None:
    assert recording.request is not None
    body = {**recording.request, "model": "m"}

    output = engine.request(body, source=recording.protocol, target=target)

    assert BodyValidator(f"wire/{target}/request").problem(output) is None
    expected, actual = READERS[recording.protocol](body).comparable(), READERS[target](output).comparable()
    assert as_told(expected, target) == as_told(actual, target)
    assert set(actual.media) <= {*expected.media, *sounds_of(recording.request)}


def as_told(said: Conversation, target: str) -> Conversation:
    """Schemas are compared by the names of properties; Ollama is told in words what it cannot be shown."""
    tools = {name: set(properties) for name, properties in said.tools.items()}
    told = replace(said, tools=tools, media=[], given=re.sub(JSON_IN_WORDS, "", said.given))
    if target != OLLAMA:
        return told
    return replace(told, given=without_placeholders(told.given), results=[*map(without_placeholders, said.results)])


def without_placeholders(text: str) -> str:
    return re.sub(r"\[(image|document|video|sound)(:[^\]]*)?\]", "", text)


def sounds_of(request: dict[str, Any]) -> list[str]:
    """Sound in chat's own form, which its reader does not read."""
    parts = [part for message in request.get("messages") or () for part in message.get("content") or ()]
    return [part["input_audio"]["data"] for part in parts if isinstance(part, dict) and "input_audio" in part]
