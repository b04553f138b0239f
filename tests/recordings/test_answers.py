"""Every recorded answer of every protocol, for clients of every protocol, by way of the unified format.

Streams are cut at random bytes. Expected values come from the recordings by way of the readers beside.
"""

from __future__ import annotations

import random

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import UpstreamError
from recordings.answers import payloads
from recordings.comparison import CHAT, CLAUDE, READERS, REQUESTS, check_stream, check_whole, convert_in_pieces
from recordings.sdk_types import refused_stream, refused_whole
from recordings.traffic import Recording, answers

PAIRS = [(recording, client) for protocol in READERS for recording in answers(protocol) for client in READERS]
WHOLE = [pair for pair in PAIRS if not pair[0].is_stream]
STREAMS = [pair for pair in PAIRS if pair[0].is_stream]
BROKEN = [
    recording
    for protocol in (CLAUDE, CHAT)
    for recording in answers(protocol)
    if recording.is_stream and "error" in recording.name
]


def ids(pairs: list[tuple[Recording, str]]) -> list[str]:
    return [f"{recording.protocol} to {client}: {recording.name}" for recording, client in pairs]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def streamed(engine: Engine, recording: Recording, client: str) -> bytes:
    raw, cuts = recording.raw or b"", random.Random(recording.name)
    return convert_in_pieces(engine, recording.protocol, client, raw, cuts, REQUESTS[client])


@pytest.mark.skipif(not PAIRS, reason="no recordings beside the project")
@pytest.mark.parametrize(("recording", "client"), WHOLE, ids=ids(WHOLE))
def test_whole_answer_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    source = recording.protocol

    body = engine.response(recording.body, source=source, target=client, request=REQUESTS[client])

    check_whole(client, source, recording.body, body)
    assert refused_whole(client, body) <= (refused_whole(client, recording.body) if client == source else set())


@pytest.mark.skipif(not PAIRS, reason="no recordings beside the project")
@pytest.mark.parametrize(("recording", "client"), STREAMS, ids=ids(STREAMS))
def test_stream_says_the_same(engine: Engine, recording: Recording, client: str) -> None:
    assert recording.raw is not None
    source = recording.protocol

    output = streamed(engine, recording, client)

    check_stream(client, source, recording.raw, output)
    assert refused_stream(client, output) <= (refused_stream(client, recording.raw) if client == source else set())


@pytest.mark.skipif(not BROKEN, reason="no recordings beside the project")
@pytest.mark.parametrize("recording", BROKEN, ids=lambda recording: recording.name)
def test_broken_stream_ends_in_an_error(engine: Engine, recording: Recording) -> None:
    events = list(payloads(streamed(engine, recording, CLAUDE)))

    assert events[-1]["type"] == "error"


def test_error_in_a_good_answer_is_an_error(engine: Engine) -> None:
    with pytest.raises(UpstreamError) as raised:
        engine.response({"error": {"message": "The prompt was filtered.", "code": "content_filter"}}, CHAT, CLAUDE)

    assert raised.value.error["message"] == "The prompt was filtered."
