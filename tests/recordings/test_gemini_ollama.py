"""Recorded answers of Gemini and Ollama for every kind of client, and those of all others for their clients.

Streams are cut at random bytes. Expected values come from the recordings by way of the readers beside.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import ollama
import pytest
from google.genai import types
from pydantic import BaseModel, ValidationError

from ccproxy.conversion.engine import Engine
from recordings.answers import (
    END,
    FILTER,
    Answer,
    payloads,
    read_chat,
    read_chat_stream,
    read_claude,
    read_claude_stream,
)
from recordings.gemini_answers import check_gemini_chunks, gemini_chunks, read_gemini, read_gemini_stream
from recordings.ollama_answers import check_ollama_lines, lines_of, read_ollama, read_ollama_stream
from recordings.responses_answers import check_response_events, read_responses, read_responses_stream
from recordings.test_chat_claude import check_chat_chunks, check_claude_events
from recordings.traffic import Recording, recordings

CHAT, CLAUDE, RESPONSES, GEMINI, OLLAMA = "openai-chat", "claude", "openai-responses", "gemini", "ollama"
READERS = {
    CHAT: read_chat,
    CLAUDE: read_claude,
    RESPONSES: read_responses,
    GEMINI: read_gemini,
    OLLAMA: read_ollama,
}
STREAM_READERS = {
    CHAT: read_chat_stream,
    CLAUDE: read_claude_stream,
    RESPONSES: read_responses_stream,
    GEMINI: read_gemini_stream,
    OLLAMA: read_ollama_stream,
}
CHECKS = {
    CHAT: check_chat_chunks,
    CLAUDE: check_claude_events,
    RESPONSES: check_response_events,
    GEMINI: check_gemini_chunks,
    OLLAMA: check_ollama_lines,
}
SAID = [{"role": "user", "content": "Go."}]
REQUESTS: dict[str, dict[str, Any]] = {
    RESPONSES: {"model": "m", "input": "Go.", "stream": True, "include": ["reasoning.encrypted_content"]},
    CHAT: {"model": "m", "messages": SAID, "stream_options": {"include_usage": True}},
    CLAUDE: {"model": "m", "messages": SAID, "max_tokens": 100},
    GEMINI: {"contents": [{"role": "user", "parts": [{"text": "Go."}]}]},
    OLLAMA: {"model": "m", "messages": SAID},
}


def answers(protocol: str) -> list[Recording]:
    """What models answered; not what hosts say about models."""
    found = recordings(protocol)
    if protocol == RESPONSES:
        return [r for r in found if r.raw is not None or (r.body or {}).get("object") == "response"]
    return [r for r in found if r.raw is not None or "license" not in (r.body or {})]


PAIRS = [(r, client) for protocol in (GEMINI, OLLAMA) for r in answers(protocol) for client in READERS]
PAIRS += [
    (r, client) for protocol in (CLAUDE, CHAT, RESPONSES) for r in answers(protocol) for client in (GEMINI, OLLAMA)
]
WHOLE = [pair for pair in PAIRS if not pair[0].is_stream]
STREAMS = [pair for pair in PAIRS if pair[0].is_stream]

pytestmark = pytest.mark.skipif(not PAIRS, reason="no recordings beside the project")


def ids(pairs: list[tuple[Recording, str]]) -> list[str]:
    return [f"{recording.protocol} to {client}: {recording.name}" for recording, client in pairs]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize(("recording", "client"), WHOLE, ids=ids(WHOLE))
def test_whole_answer_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    expected = READERS[recording.protocol](recording.body)

    body = engine.response(recording.body, source=recording.protocol, target=client, request=REQUESTS[client])

    assert as_seen_by(client, expected) == as_read(READERS[client](body), expected)
    assert refused(client, [body]) <= refused(recording.protocol, [recording.body])


@pytest.mark.parametrize(("recording", "client"), STREAMS, ids=ids(STREAMS))
def test_stream_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    assert recording.raw is not None
    expected = STREAM_READERS[recording.protocol](recording.raw)

    output = convert_in_pieces(engine, recording, client)

    assert as_seen_by(client, expected, streamed=True) == as_read(STREAM_READERS[client](output), expected)
    CHECKS[client](output)
    assert refused(client, documents(client, output)) <= refused(
        recording.protocol, documents(recording.protocol, recording.raw)
    )


def convert_in_pieces(engine: Engine, recording: Recording, client: str) -> bytes:
    assert recording.raw is not None
    stream = engine.stream(source=recording.protocol, target=client, request=REQUESTS[client])
    cuts = random.Random(recording.name)
    output, start = b"", 0
    while start < len(recording.raw):
        end = start + cuts.randint(1, 400)
        output += stream.feed(recording.raw[start:end])
        start = end
    return output + stream.close()


def as_seen_by(client: str, answer: Answer, *, streamed: bool = False) -> Answer:
    """What a client's protocol can say. Blanks in thoughts are not compared."""
    seen = replace(answer, reasoning=without_blanks(answer.reasoning))
    if client not in (CHAT, RESPONSES):
        seen = replace(seen, text=answer.text + answer.refusal, refusal="")
    if client in (GEMINI, OLLAMA) or (client == CLAUDE and not streamed):
        calls = [(name, {"input": said} if isinstance(said, str) else said) for name, said in answer.calls]
        seen = replace(seen, calls=calls)
    if client == GEMINI and answer.usage:
        seen = replace(seen, usage=with_caches(answer.usage, "cache_write"))
    if client == OLLAMA:
        seen = replace(seen, stop=END if answer.stop == FILTER else answer.stop)
        seen = replace(seen, usage=with_caches(answer.usage, "cache_read", "cache_write") if answer.usage else {})
    return seen


def with_caches(usage: dict[str, int], *names: str) -> dict[str, int]:
    return {**usage, **dict.fromkeys(names, 0), "input": usage["input"] + sum(usage[name] for name in names)}


def as_read(actual: Answer, expected: Answer) -> Answer:
    """Zeros and estimates count as no usage where the provider gave none; a broken answer needs no stop."""
    read = replace(actual, reasoning=without_blanks(actual.reasoning), usage=actual.usage if expected.usage else {})
    return replace(read, stop=expected.stop) if expected.error else read


def without_blanks(text: str) -> str:
    return "".join(text.split())


def documents(protocol: str, raw: bytes) -> list[Any]:
    if protocol == GEMINI:
        return list(gemini_chunks(raw))
    return lines_of(raw) if protocol == OLLAMA else list(payloads(raw))


def refused(protocol: str, answers: Iterable[Any]) -> set[str]:
    """What the official SDKs of Google and Ollama find wrong. Google is ahead of its SDK, and that passes through."""
    model: dict[str, type[BaseModel]] = {GEMINI: types.GenerateContentResponse, OLLAMA: ollama.ChatResponse}
    found: set[str] = set()
    for answer in answers if protocol in model else ():
        try:
            if "error" not in answer:
                model[protocol].model_validate(answer)
        except ValidationError as error:
            found |= {f"{problem['type']} {problem['loc'][-1]}" for problem in error.errors()}
        except AttributeError:  # enums as numbers
            found.add("numbers")
    return found


GEMINIS = [recording for recording in recordings(GEMINI) if "error" not in recording.name]


@pytest.mark.parametrize("recording", GEMINIS, ids=lambda recording: recording.name)
def test_gemini_comes_back_with_signatures_and_grounding(engine: Engine, recording: Recording) -> None:
    """Signatures, server tools, grounding and ratings reach a Gemini client through the unified format."""
    if recording.raw is None:
        given, output = [recording.body], [engine.response(recording.body, source=GEMINI, target=GEMINI)]
    else:
        given = list(gemini_chunks(recording.raw))
        output = list(payloads(convert_in_pieces(engine, recording, GEMINI)))

    assert signatures(given) == signatures(output)
    assert natives(given) == natives(output)
    assert last_of(given, "groundingMetadata") == last_of(output, "groundingMetadata")
    assert last_of(given, "safetyRatings") == last_of(output, "safetyRatings")


def parts_of(chunks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    candidates = [candidate for chunk in chunks for candidate in chunk.get("candidates") or ()]
    return [part for candidate in candidates for part in (candidate.get("content") or {}).get("parts") or ()]


def signatures(chunks: list[dict[str, Any]]) -> list[str]:
    return [part["thoughtSignature"] for part in parts_of(chunks) if "thoughtSignature" in part]


def natives(chunks: list[dict[str, Any]]) -> list[Any]:
    names = ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")
    return [part for part in parts_of(chunks) if any(name in part for name in names)]


def last_of(chunks: list[dict[str, Any]], name: str) -> Any:
    found = [c[name] for chunk in chunks for c in (chunk.get("candidates") or ())[:1] if name in c]
    return found[-1] if found else None
