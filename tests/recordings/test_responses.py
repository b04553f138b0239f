"""Recorded answers of the Responses API for three kinds of clients, and all others for its clients.

Streams are cut at random bytes. Expected values come from the recordings by way of the readers beside.
"""

from __future__ import annotations

import importlib
import random
import typing
from dataclasses import replace
from typing import Any

import pytest
from openai import DefaultHttpxClient, OpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, ValidationError

from ccproxy.conversion.engine import Engine
from recordings.answers import END, TOOL, Answer, payloads, read_chat, read_chat_stream, read_claude, read_claude_stream
from recordings.responses_answers import check_response_events, read_responses, read_responses_stream
from recordings.test_chat_claude import check_chat_chunks, check_claude_events
from recordings.traffic import Recording, recordings

RESPONSES, CHAT, CLAUDE = "openai-responses", "openai-chat", "claude"
OURS = [r for r in recordings(RESPONSES) if r.raw is not None or (r.body or {}).get("object") == "response"]
PAIRS = [(r, client) for r in OURS for client in (RESPONSES, CLAUDE, CHAT)]
PAIRS += [(r, RESPONSES) for protocol in (CLAUDE, CHAT) for r in recordings(protocol)]
READERS = {CHAT: read_chat, CLAUDE: read_claude, RESPONSES: read_responses}
STREAM_READERS = {CHAT: read_chat_stream, CLAUDE: read_claude_stream, RESPONSES: read_responses_stream}
CHECKS = {CHAT: check_chat_chunks, CLAUDE: check_claude_events, RESPONSES: check_response_events}
REQUESTS: dict[str, dict[str, Any]] = {
    RESPONSES: {"model": "m", "input": "Go.", "stream": True, "include": ["reasoning.encrypted_content"]},
    CHAT: {"model": "m", "messages": [{"role": "user", "content": "Go."}], "stream_options": {"include_usage": True}},
    CLAUDE: {"model": "m", "messages": [{"role": "user", "content": "Go."}], "max_tokens": 100},
}
EVENTS: dict[str, type[BaseModel]] = {
    name: kind
    for kind in typing.get_args(typing.get_args(ResponseStreamEvent)[0])
    for name in typing.get_args(kind.model_fields["type"].annotation)
}

pytestmark = pytest.mark.skipif(not OURS, reason="no recordings beside the project")


def ids(pairs: list[tuple[Recording, str]]) -> list[str]:
    return [f"{recording.protocol} to {client}: {recording.name}" for recording, client in pairs]


WHOLE = [pair for pair in PAIRS if not pair[0].is_stream]
STREAMS = [pair for pair in PAIRS if pair[0].is_stream]


def is_complete(recording: Recording) -> bool:
    """Whether the official client waits for this answer with success."""
    answer = STREAM_READERS[recording.protocol](recording.raw or b"")
    return not answer.error and answer.stop in (END, TOOL)


COMPLETE = [recording for recording, client in STREAMS if client == RESPONSES and is_complete(recording)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize(("recording", "client"), WHOLE, ids=ids(WHOLE))
def test_whole_answer_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    expected = READERS[recording.protocol](recording.body)

    body = engine.response(recording.body, source=recording.protocol, target=client, request=REQUESTS[client])

    assert as_seen_by(client, expected) == as_read(READERS[client](body), expected)
    if client == RESPONSES:
        assert refused(Response, body) <= (refused(Response, recording.body) if recording.protocol == client else set())


@pytest.mark.parametrize(("recording", "client"), STREAMS, ids=ids(STREAMS))
def test_stream_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    assert recording.raw is not None
    expected = STREAM_READERS[recording.protocol](recording.raw)

    output = convert_in_pieces(engine, recording, client)

    assert as_seen_by(client, expected, streamed=True) == as_read(STREAM_READERS[client](output), expected)
    if not expected.error:
        CHECKS[client](output)
    if client == RESPONSES:
        assert refused_events(output) <= (refused_events(recording.raw) if recording.protocol == client else set())


@pytest.mark.parametrize("recording", COMPLETE, ids=lambda recording: recording.name)
def test_official_client_understands_the_stream(engine: Engine, recording: Recording) -> None:
    output = convert_in_pieces(engine, recording, RESPONSES)

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
    """Claude has no refusals in words, and whole answers of it no broken arguments; blanks in thoughts do not count."""
    seen = replace(answer, reasoning=without_blanks(answer.reasoning))
    if client != CLAUDE:
        return seen
    calls = [(name, {"input": said} if isinstance(said, str) and not streamed else said) for name, said in answer.calls]
    return replace(seen, text=answer.text + answer.refusal, refusal="", calls=calls)


def as_read(actual: Answer, expected: Answer) -> Answer:
    """Zeros and estimates count as no usage where the provider gave none; a broken answer needs no stop."""
    read = replace(actual, reasoning=without_blanks(actual.reasoning), usage=actual.usage if expected.usage else {})
    return replace(read, stop=expected.stop) if expected.error else read


def without_blanks(text: str) -> str:
    return "".join(text.split())


def refused(model: type[BaseModel], body: Any) -> set[str]:
    """What the official SDK finds wrong. Providers are ahead of it or sloppy, and that passes through."""
    try:
        model.model_validate(body)
    except ValidationError as error:
        return {f"{problem['type']} {'.'.join(map(str, names_in(problem['loc'])))}" for problem in error.errors()}
    return set()


def names_in(place: tuple[int | str, ...]) -> list[int | str]:
    return [step for step in place if not isinstance(step, int)]


def refused_events(raw: bytes) -> set[str]:
    events = [event for event in payloads(raw) if event["type"] in EVENTS and "error" not in event]
    return {problem for event in events for problem in refused(EVENTS[event["type"]], event)}
