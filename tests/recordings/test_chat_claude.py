"""Recorded answers of Claude and of OpenAI-compatible hosts, for clients of both protocols.

Every answer goes through the unified format, also to clients of its own protocol; streams are cut at random
bytes. Expected values come from the recordings by way of `answers`.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from anthropic.types import beta
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel, ValidationError

from ccproxy import Engine
from ccproxy.conversion.errors import UpstreamError
from recordings.answers import (
    Answer,
    payloads,
    read_chat,
    read_chat_stream,
    read_claude,
    read_claude_stream,
    whole_claude,
    without_nulls,
)
from recordings.traffic import Recording, recordings

CHAT, CLAUDE = "openai-chat", "claude"
ALL = [*recordings(CLAUDE), *recordings(CHAT)]
WHOLE = [recording for recording in ALL if not recording.is_stream]
STREAMS = [recording for recording in ALL if recording.is_stream]
EVENTS: dict[str, type[BaseModel]] = {
    "message_start": beta.BetaRawMessageStartEvent,
    "message_delta": beta.BetaRawMessageDeltaEvent,
    "message_stop": beta.BetaRawMessageStopEvent,
    "content_block_start": beta.BetaRawContentBlockStartEvent,
    "content_block_delta": beta.BetaRawContentBlockDeltaEvent,
    "content_block_stop": beta.BetaRawContentBlockStopEvent,
}

pytestmark = pytest.mark.skipif(not ALL, reason="no recordings beside the project")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("recording", recordings(CLAUDE), ids=lambda recording: recording.name)
def test_claude_comes_back_unchanged(engine: Engine, recording: Recording) -> None:
    """Server tools, signatures, citations, containers, usage: all of it, through the unified format."""
    if recording.raw is None:
        body = engine.response(recording.body, source=CLAUDE, target=CLAUDE)

        assert without_nulls(recording.body) == without_nulls(body)
    else:
        output = convert_in_pieces(engine, recording, CLAUDE, request=None)

        assert without_nulls(whole_claude(recording.raw)) == without_nulls(whole_claude(output))


def request_of(client: str) -> dict[str, Any]:
    """A request such as the client would have made, asking for usage."""
    body: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Go."}], "stream": True}
    return body | ({"max_tokens": 100} if client == CLAUDE else {"stream_options": {"include_usage": True}})


@pytest.mark.parametrize("client", [CLAUDE, CHAT])
@pytest.mark.parametrize("recording", WHOLE, ids=lambda recording: recording.name)
def test_whole_answer_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    expected = read_claude(recording.body) if recording.protocol == CLAUDE else read_chat(recording.body)

    body = engine.response(recording.body, source=recording.protocol, target=client, request=request_of(client))

    actual = read_claude(body) if client == CLAUDE else read_chat(body)
    assert as_seen_by(client, expected) == without_usage_if_unknown(actual, expected)
    model: type[BaseModel] = beta.BetaMessage if client == CLAUDE else ChatCompletion
    assert refused(model, body) <= (refused(model, recording.body) if recording.protocol == client else set())


@pytest.mark.parametrize("client", [CLAUDE, CHAT])
@pytest.mark.parametrize("recording", STREAMS, ids=lambda recording: recording.name)
def test_stream_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    assert recording.raw is not None
    expected = read_claude_stream(recording.raw) if recording.protocol == CLAUDE else read_chat_stream(recording.raw)

    output = convert_in_pieces(engine, recording, client, request_of(client))

    actual = read_claude_stream(output) if client == CLAUDE else read_chat_stream(output)
    assert as_seen_by(client, expected) == without_usage_if_unknown(actual, expected)
    check_claude_events(output) if client == CLAUDE else check_chat_chunks(output)
    assert refused_events(client, output) <= (
        refused_events(client, recording.raw) if recording.protocol == client else set()
    )


def refused(model: type[BaseModel], body: Any) -> set[str]:
    """What the official SDK finds wrong. Providers are ahead of it or sloppy, and that passes through."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        return {
            f"{problem['type']} {'.'.join(str(step) for step in problem['loc'] if not isinstance(step, int))}"
            for problem in error.errors()
        }
    return set()


def refused_events(client: str, raw: bytes) -> set[str]:
    events = [event for event in payloads(raw) if event.get("type") not in ("ping", "error") and "error" not in event]
    found = (refused(EVENTS[event["type"]] if client == CLAUDE else ChatCompletionChunk, event) for event in events)
    return {problem for problems in found for problem in problems}


def convert_in_pieces(engine: Engine, recording: Recording, client: str, request: dict[str, Any] | None) -> bytes:
    assert recording.raw is not None
    stream = engine.stream(source=recording.protocol, target=client, request=request)
    cuts = random.Random(recording.name)
    output, start = b"", 0
    while start < len(recording.raw):
        end = start + cuts.randint(1, 400)
        output += stream.feed(recording.raw[start:end])
        start = end
    return output + stream.close()


def as_seen_by(client: str, answer: Answer) -> Answer:
    """Claude has no refusals in words: they are text there."""
    return replace(answer, text=answer.text + answer.refusal, refusal="") if client == CLAUDE else answer


def without_usage_if_unknown(actual: Answer, expected: Answer) -> Answer:
    """The answer with no usage where its provider gave none: zeros and estimates count as none."""
    return actual if expected.usage else replace(actual, usage={})


def check_claude_events(output: bytes) -> None:
    """Blocks one after another, numbered from 0, and the head first."""
    events = [event for event in payloads(output) if event["type"] not in ("ping", "error")]
    open_block, following = None, 0
    for number, event in enumerate(events):
        match event["type"]:
            case "message_start":
                assert number == 0
            case "content_block_start":
                assert open_block is None
                assert following == event["index"]
                open_block, following = event["index"], following + 1
            case "content_block_delta":
                assert open_block == event["index"]
            case "content_block_stop":
                assert open_block == event["index"]
                open_block = None
    assert open_block is None


def check_chat_chunks(output: bytes) -> None:
    """Chunks of one answer, the last of them with a reason to stop."""
    chunks = [chunk for chunk in payloads(output) if "error" not in chunk]
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    reasons = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"] if choice["finish_reason"]]
    assert len(reasons) == 1 or b'"error"' in output


@pytest.mark.parametrize("recording", [r for r in ALL if r.raw and "error" in r.name], ids=lambda r: r.name)
def test_broken_stream_ends_in_an_error(engine: Engine, recording: Recording) -> None:
    events = list(payloads(convert_in_pieces(engine, recording, CLAUDE, request_of(CLAUDE))))

    assert events[-1]["type"] == "error"


def test_error_in_a_good_answer_is_an_error(engine: Engine) -> None:
    with pytest.raises(UpstreamError) as raised:
        engine.response({"error": {"message": "The prompt was filtered.", "code": "content_filter"}}, CHAT, CLAUDE)

    assert raised.value.error["message"] == "The prompt was filtered."
