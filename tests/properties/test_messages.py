"""Every request and answer that a protocol allows becomes one that every other protocol allows, by their schemas."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import RequestRejected, UpstreamError
from properties.examples import PROTOCOLS, Tally, some_examples
from properties.schema_values import values, violations


@pytest.mark.parametrize("source", PROTOCOLS)
def test_any_request_becomes_one_of_every_protocol(engine: Engine, source: str) -> None:
    tally = Tally()

    @some_examples()
    @given(values(f"wire/{source}/request"))
    def check(body: dict[str, Any]) -> None:
        assert [] == violations(f"wire/{source}/request", body)
        for target in PROTOCOLS:
            tally.note(request_outcome(engine, source, target, body))

    check()
    tally.check_share("converted", 0.6)


def request_outcome(engine: Engine, source: str, target: str, body: dict[str, Any]) -> str:
    """Convert a request; it gets valid, or a refusal that is the client's own fault."""
    before = copy.deepcopy(body)
    try:
        converted = engine.request(body, source, target, model="m")
    except RequestRejected as refused:
        status, answer = engine.client_error(source, refused.error)
        assert 400 <= status < 500
        assert [] == violations(f"wire/{source}/error", answer)
        return "refused"
    assert (target, []) == (target, violations(f"wire/{target}/request", converted))
    assert before == body
    return "converted"


@pytest.mark.parametrize("source", PROTOCOLS)
def test_any_answer_becomes_one_of_every_protocol(engine: Engine, source: str) -> None:
    tally = Tally()

    @some_examples()
    @given(values(f"wire/{source}/response"))
    def check(body: dict[str, Any]) -> None:
        assert [] == violations(f"wire/{source}/response", body)
        for client in PROTOCOLS:
            tally.note(answer_outcome(engine, source, client, body))

    check()
    tally.check_share("converted", 0.4)


def answer_outcome(engine: Engine, source: str, client: str, body: dict[str, Any]) -> str:
    """Convert an answer; it gets valid, or is an error that clients of the protocol understand."""
    try:
        converted = engine.response(copy.deepcopy(body), source, client)
    except UpstreamError as failed:
        status, answer = engine.client_error(client, failed.error)
        assert status >= 400
        assert [] == violations(f"wire/{client}/error", answer)
        return "failed"
    assert (client, []) == (client, violations(f"wire/{client}/response", converted))
    return "converted"
