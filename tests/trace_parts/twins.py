"""An engine that converts and one that is traced, and what each makes of a message."""

from __future__ import annotations

import json
from collections import Counter

from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import RequestRejected, UpstreamError
from ccproxy.trace.engine import TracedEngine
from ccproxy.trace.journal import Journal


class Ids:
    """The same ids at every run."""

    def __init__(self):
        self.counts = Counter()

    def __call__(self, prefix):
        self.counts[prefix] += 1
        return f"{prefix}{self.counts[prefix]:06d}"


def noon():
    """The time of all traces."""
    return 1_700_000_000.0


def twins(library, source, evaluator):
    """The two engines, for one message."""
    return Engine(library, Ids(), noon), TracedEngine(source, evaluator, Journal(), Ids(), noon)


def request_of(engine, source, target, body, model=None, quirks=()):
    """What becomes of a request: its body and losses, or the refusal."""
    try:
        exchange = engine.open(source, target, json.loads(json.dumps(body)), model=model, quirks=quirks)
    except RequestRejected as refused:
        return refused.error
    return exchange.upstream_request, exchange.losses


def response_of(engine, source, target, body, request=None):
    """What becomes of an answer."""
    try:
        return engine.response(json.loads(json.dumps(body)), source, target, request)
    except UpstreamError as refused:
        return refused.error


def stream_of(engine, source, target, data, request=None):
    """What becomes of a stream."""
    stream = engine.stream(source, target, request)
    return stream.feed(data) + stream.close()


def error_of(engine, source, target, body, status):
    """What becomes of an error."""
    return engine.error(status, json.loads(json.dumps(body)), source, target)
