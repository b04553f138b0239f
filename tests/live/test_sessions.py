"""Recorded sessions of llama.cpp, replayed: its answers for every client, cut as it cut them and at every byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.shapes.validator import body_validator
from live.questions import CHAT
from live.sessions import Session, load_all
from recordings.comparison import READERS, REQUESTS, STREAM_READERS, check_stream, check_whole
from recordings.sdk_types import refused_stream, refused_whole

SESSIONS = load_all()
CONVERTED = [session for session in SESSIONS if session.client != session.upstream]
PAIRS = [(session, client) for session in SESSIONS for client in READERS]
WHOLE = [pair for pair in PAIRS if not pair[0].stream]
STREAMS = [pair for pair in PAIRS if pair[0].stream]
SAID = ("messages", "input", "system", "instructions", "tools")


def ids(pairs: list[tuple[Session, str]]) -> list[str]:
    return [f"{session.name} to {client}" for session, client in pairs]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def test_there_are_sessions_of_every_client_with_every_protocol() -> None:
    assert 3 * 5 * 4 * 2 == len(SESSIONS)


@pytest.mark.parametrize("session", CONVERTED, ids=lambda session: session.name)
def test_what_llama_cpp_accepted_is_what_it_gets(engine: Engine, session: Session) -> None:
    exchange = engine.open(session.client, session.upstream, session.asked, model="smollm2", stream=session.stream)

    sent = exchange.upstream_request
    assert {name: session.sent.get(name) for name in SAID} == {name: sent.get(name) for name in SAID}
    assert body_validator(f"wire/{session.upstream}/request").problem(sent) is None


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
def test_the_model_did_what_it_was_asked(session: Session) -> None:
    """The sessions show what they are for: words, calls, and objects of a schema where llama.cpp keeps to it."""
    reader: Any = STREAM_READERS[session.upstream] if session.stream else None
    answer = reader(session.answer) if reader else READERS[session.upstream](json.loads(session.answer))

    assert answer.usage["output"] > 0
    assert (session.scene == "tools") == bool(answer.calls)
    assert (session.scene != "tools") == bool(answer.text)
    if session.scene == "schema" and session.upstream == CHAT:
        assert {"city", "population"} == json.loads(answer.text).keys()


@pytest.mark.parametrize(("session", "client"), WHOLE, ids=ids(WHOLE))
def test_whole_answer_says_the_same(engine: Engine, session: Session, client: str) -> None:
    given = json.loads(session.answer)

    body = engine.response(given, source=session.upstream, target=client, request=REQUESTS[client])

    check_whole(client, session.upstream, given, body)
    if client != session.upstream:
        assert refused_whole(client, body) == set()


@pytest.mark.parametrize(("session", "client"), STREAMS, ids=ids(STREAMS))
def test_stream_says_the_same(engine: Engine, session: Session, client: str) -> None:
    output = convert(engine, session, client, session.pieces)

    check_stream(client, session.upstream, session.answer, output)
    if client != session.upstream:
        assert refused_stream(client, output) == set()


@pytest.mark.parametrize("session", [s for s in SESSIONS if s.stream], ids=lambda session: session.name)
def test_stream_may_be_cut_at_every_byte(engine: Engine, session: Session) -> None:
    single = [session.answer[at : at + 1] for at in range(len(session.answer))]

    output = convert(engine, session, session.client, single)

    check_stream(session.client, session.upstream, session.answer, output)


def convert(engine: Engine, session: Session, client: str, pieces: Any) -> bytes:
    stream = engine.stream(source=session.upstream, target=client, request=REQUESTS[client])
    return b"".join([*map(stream.feed, pieces), stream.close()])
