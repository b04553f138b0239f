"""The interpreter that traces and the generated code that converts say the same, for every message there is."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from ccproxy.conversion.engine import Engine, open_library
from ccproxy.conversion.errors import RequestRejected, UpstreamError
from ccproxy.conversion.from_source import open_source_library
from ccproxy.datadirs import find_data_dirs
from ccproxy.trace.engine import TracedEngine
from ccproxy.trace.evaluation import Evaluator
from ccproxy.trace.journal import Journal
from conversions.cases import all_cases, stream_bytes

CASES = all_cases()


class Ids:
    """The same ids at every run."""

    def __init__(self):
        self.counts = Counter()

    def __call__(self, prefix):
        self.counts[prefix] += 1
        return f"{prefix}{self.counts[prefix]:06d}"


@pytest.fixture(scope="session")
def roots():
    return find_data_dirs("mappings")


@pytest.fixture(scope="session")
def library(roots):
    return open_library(roots)


@pytest.fixture(scope="session")
def source(roots):
    return open_source_library(roots)


@pytest.fixture(scope="session")
def evaluator(source):
    return Evaluator(source.tree.tables)


@pytest.fixture
def engines(library, source, evaluator):
    compiled = Engine(library, Ids(), lambda: 1_700_000_000.0)
    traced = TracedEngine(source, evaluator, Journal(), Ids(), lambda: 1_700_000_000.0)
    return compiled, traced


def outcome(engine, case):
    """What a case comes to: its output and losses, or the refusal."""
    given = json.loads(json.dumps(case.given))
    try:
        match case.kind:
            case "request":
                exchange = engine.open(case.source, case.target, given, model=case.model, quirks=case.quirks)
                return exchange.upstream_request, exchange.losses
            case "response":
                return engine.response(given, case.source, case.target, case.request)
            case "error":
                return engine.error(case.status, given, case.source, case.target)
            case _:
                facts = engine.protocols[case.source].stream
                names = facts.event_name is not None
                data = stream_bytes(given, framing=facts.framing, names=names, end=None)
                stream = engine.stream(case.source, case.target, case.request)
                return stream.feed(data) + stream.close()
    except (RequestRejected, UpstreamError) as refused:
        return refused.error


def normal(value):
    """Arguments written as JSON text are the same in any spacing, and lists of losses in any order."""
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_say_the_same(engines, case):
    compiled, traced = engines

    expected = outcome(compiled, case)

    assert expected == outcome(traced, case)
    assert traced.journal.stages
