"""Recorded answers for clients of their own protocol, by way of the unified format: nothing of them is lost."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterable
from typing import Any

import pytest
from openai import DefaultHttpxClient, OpenAI

from ccproxy.conversion.engine import Engine
from recordings.answers import END, TOOL, payloads, whole_claude, without_nulls
from recordings.comparison import CHAT, CLAUDE, GEMINI, REQUESTS, RESPONSES, STREAM_READERS, convert_in_pieces
from recordings.gemini_answers import gemini_chunks
from recordings.responses_answers import read_responses, read_responses_stream
from recordings.traffic import SHARED, Recording, answers, recordings

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings beside the project")

GEMINIS = [recording for recording in recordings(GEMINI) if "error" not in recording.name]


def is_complete(recording: Recording) -> bool:
    """Whether the official client waits for this answer with success."""
    answer = STREAM_READERS[recording.protocol](recording.raw or b"")
    return not answer.error and answer.stop in (END, TOOL)


COMPLETE = [
    recording
    for protocol in (RESPONSES, CLAUDE, CHAT)
    for recording in answers(protocol)
    if recording.is_stream and is_complete(recording)
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def streamed(engine: Engine, recording: Recording, client: str, request: dict[str, Any] | None) -> bytes:
    raw, cuts = recording.raw or b"", random.Random(recording.name)
    return convert_in_pieces(engine, recording.protocol, client, raw, cuts, request)


@pytest.mark.parametrize("recording", recordings(CLAUDE), ids=lambda recording: recording.name)
def test_claude_comes_back_unchanged(engine: Engine, recording: Recording) -> None:
    """Server tools, signatures, citations, containers, usage: all of it."""
    if recording.raw is None:
        body = engine.response(recording.body, source=CLAUDE, target=CLAUDE)

        assert without_nulls(recording.body) == without_nulls(body)
    else:
        output = streamed(engine, recording, CLAUDE, request=None)

        assert without_nulls(whole_claude(recording.raw)) == without_nulls(whole_claude(output))


@pytest.mark.parametrize("recording", GEMINIS, ids=lambda recording: recording.name)
def test_gemini_comes_back_with_signatures_and_grounding(engine: Engine, recording: Recording) -> None:
    """Signatures, server tools, grounding and ratings."""
    if recording.raw is None:
        given, output = [recording.body], [engine.response(recording.body, source=GEMINI, target=GEMINI)]
    else:
        given = list(gemini_chunks(recording.raw))
        output = list(payloads(streamed(engine, recording, GEMINI, REQUESTS[GEMINI])))

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


@pytest.mark.parametrize("recording", COMPLETE, ids=lambda recording: recording.name)
def test_official_client_understands_the_stream(engine: Engine, recording: Recording) -> None:
    """Its helper puts the answer together from the events, and waits for the last."""
    output = streamed(engine, recording, RESPONSES, REQUESTS[RESPONSES])

    with official_client(output).responses.stream(model="m", input="Go.") as stream:
        response = stream.get_final_response()

    assert read_responses_stream(output) == read_responses(response.model_dump(warnings=False))


def official_client(stream: bytes) -> OpenAI:
    """The SDK, talking to a server that always answers with this stream."""
    http = importlib.import_module(
        DefaultHttpxClient.__bases__[0].__module__.partition(".")[0]
    )  # httpx or its successor
    answer = http.Response(200, headers={"content-type": "text/event-stream"}, content=stream)
    return OpenAI(api_key="k", http_client=DefaultHttpxClient(transport=http.MockTransport(lambda _: answer)))
