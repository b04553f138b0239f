"""What a client must find in any stream, whatever the upstream sent: rules of its protocol, and an end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from ccproxy.conversion.engine import Engine
from ccproxy.conversion.streams import StreamConversion
from conversions.cases import read_events
from properties.schema_values import violations
from recordings.answers import payloads
from recordings.comparison import CHECKS, REQUESTS
from recordings.stream_rules import check_cohere_events

# Responses tells each piece twice and repeats everything at the end; an event without words still has a head.
GROWTH, HEAD_BYTES = 80, 40_000
SECONDS = 5.0
ASKED = {**REQUESTS, "cohere": {"model": "m", "messages": [{"role": "user", "content": "Go."}], "stream": True}}
RULES: dict[str, Callable[[bytes], None]] = {
    **CHECKS,
    "cohere": check_cohere_events,
    "openai-responses": lambda output: CHECKS["openai-responses"](without_logprobs(output)),
}
FAILURES = ("error", "response.failed")


def converted(engine: Engine, source: str, client: str, raw: bytes, size: int) -> tuple[StreamConversion, bytes]:
    """The stream of a client, when the upstream's bytes come in pieces of a size; neither slow nor large."""
    stream = engine.stream(source=source, target=client, request=ASKED[client])
    start = time.process_time()
    output = b"".join([stream.feed(raw[at : at + size]) for at in range(0, len(raw), size)] + [stream.close()])

    assert time.process_time() - start < SECONDS
    assert len(output) <= GROWTH * len(raw) + HEAD_BYTES
    assert stream.finished
    assert stream.feed(raw[:100]) + stream.close() == b""
    return stream, output


def check_events(client: str, output: bytes) -> None:
    """Each event is one of the protocol's."""
    events = [event for event in read_events(output) if isinstance(event, dict)]
    assert (client, []) == (client, [found for event in events for found in violations_of(client, event)])


def check_end(client: str, stream: StreamConversion, output: bytes, *, ruled: bool = True) -> None:
    """The events together keep the rules of the protocol, or end in an error that the client sees."""
    events = [event for event in read_events(output) if isinstance(event, dict)]
    if stream.error is not None:
        assert is_failure(events[-1])
    elif ruled:
        RULES[client](output)


def without_logprobs(output: bytes) -> bytes:
    """A stream without what some hosts tell only when the text is over: how likely its tokens were."""
    return b"".join(b"data: %b\n\n" % json.dumps(_bare(event)).encode() for event in payloads(output))


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _bare(item) for name, item in value.items() if name != "logprobs"}


def violations_of(client: str, event: Any) -> list[str]:
    """Failures may be more than events: chunks of errors have the shape of an error."""
    found = [] if is_failure(event) else violations(f"wire/{client}/stream", event)
    return [f"{event.get('type', '')}{each}" for each in found]


def is_failure(event: dict[str, Any]) -> bool:
    said = event.get("delta")
    return bool(event.get("error") or (isinstance(said, dict) and said.get("error"))) or event.get("type") in FAILURES
