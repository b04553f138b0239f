"""What a case of a conversion demands, checked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccproxy import Engine
from ccproxy.conversion.errors import RequestRejected
from conversions.cases import Case, leads_somewhere, like, read_events, stream_bytes


def check(engine: Engine, case: Case) -> None:
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
    return read_events(stream(engine, case, size=7)), []


def stream(engine: Engine, case: Case, size: int) -> bytes:
    """The client's stream, when the upstream's comes in pieces of this size."""
    facts = engine.protocols[case.source].stream
    data = stream_bytes(case.given, framing=facts.framing, names=facts.event_name is not None, end=None)
    conversion = engine.stream(source=case.source, target=case.target, request=case.request)
    pieces = [conversion.feed(data[start : start + size]) for start in range(0, len(data), size)]
    return b"".join([*pieces, conversion.close()])
