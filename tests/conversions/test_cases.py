"""Every folder of tests/fixtures/conversions is converted and compared with what it expects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccproxy import Engine
from ccproxy.conversion.errors import RequestRejected
from conversions.cases import Case, all_cases, leads_somewhere, like, read_events, stream_bytes

CASES = all_cases()
MADE_UP = ("id", "item_id", "created", "created_at", "completed_at")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it(engine: Engine, case: Case) -> None:
    if case.expect_rejection is not None:
        _expect_rejection(engine, case)
        return
    output, dropped = _convert(engine, case)

    if case.expect is not None:
        assert case.expect == like(case.expect, output)
    assert [pointer for pointer in case.absent if leads_somewhere(output, pointer)] == []
    text = json.dumps(output, ensure_ascii=False)
    assert [word for word in case.never if word in text] == []
    assert [name for name in case.dropped if name not in dropped] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.kind == "stream"], ids=lambda case: case.name)
def test_it_whatever_the_cut(engine: Engine, case: Case) -> None:
    whole = _stream(engine, case, size=1 << 20)
    single = _stream(engine, case, size=1)

    assert _without_clock(whole) == _without_clock(single)


def _expect_rejection(engine: Engine, case: Case) -> None:
    with pytest.raises(RequestRejected) as refused:
        engine.request(case.given, source=case.source, target=case.target, model=case.model, quirks=case.quirks)

    assert case.expect_rejection == like(case.expect_rejection, refused.value.error)


def _convert(engine: Engine, case: Case) -> tuple[Any, list[str]]:
    if case.kind == "request":
        exchange = engine.open(case.source, case.target, case.given, model=case.model, quirks=case.quirks)
        return exchange.upstream_request, exchange.dropped
    if case.kind == "response":
        return engine.response(case.given, source=case.source, target=case.target, request=case.request), []
    if case.kind == "error":
        status, body = engine.error(case.status, case.given, source=case.source, target=case.target)
        assert case.expect_status == status
        return body, []
    return read_events(_stream(engine, case, size=7)), []


def _stream(engine: Engine, case: Case, size: int) -> bytes:
    facts = engine.protocols[case.source].stream
    data = stream_bytes(case.given, framing=facts.framing, names=facts.event_name is not None, end=None)
    stream = engine.stream(source=case.source, target=case.target, request=case.request)
    pieces = [stream.feed(data[start : start + size]) for start in range(0, len(data), size)]
    return b"".join([*pieces, stream.close()])


def _without_clock(data: bytes) -> list[Any]:
    return [_without(event) for event in read_events(data)]


def _without(value: Any) -> Any:
    """The value without what is new with every run: ids that were made up, and the time."""
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in MADE_UP}
    return [_without(item) for item in value] if isinstance(value, list) else value
