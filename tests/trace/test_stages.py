"""What a trace says of a few messages, whole; and what it says of every message."""

from __future__ import annotations

import json
from functools import cache

import pytest

from ccproxy.trace.json_form import trace_json
from ccproxy.trace.model import places
from ccproxy.trace.tracing import Message
from conversions.cases import all_cases, stream_bytes
from trace_parts.outline import outline

CASES = {case.name: case for case in all_cases()}
WHOLE = ("keeps_thinking_signature", "gives_gemini_legal_names", "answers_responses_clients", "keeps_refusals")


def message_of(case, protocols):
    """A case as what a trace is made of."""
    if case.kind == "stream":
        facts = protocols[case.source].facts["stream"]
        data = stream_bytes(
            case.given, framing=facts["framing"], names=facts.get("event_name") is not None, end=facts.get("end")
        )
    else:
        data = json.dumps(case.given).encode()
    return Message(case.kind, case.source, case.target, data, case.model, case.quirks, case.request, case.status)


@pytest.fixture(scope="module")
def traced(tracer):
    """The trace of a case; made once."""

    @cache
    def trace(name):
        return tracer.message(message_of(CASES[name], tracer.source.index.protocols), 1_700_000_000.0)

    return trace


@pytest.mark.parametrize("name", WHOLE)
def test_a_trace_says(traced, files, fixtures, golden, name):
    golden(fixtures / "traces" / f"{name}.txt", outline(traced(name), files))


@pytest.mark.parametrize("name", CASES)
def test_every_field_has_a_history_that_leads_somewhere(traced, files, name):
    trace = traced(name)

    untold, astray = [], []
    for number, stage in enumerate(trace.stages):
        if stage.origin is None:
            continue
        for path in places(stage.document):
            field = stage.field(path)
            if field is None:
                untold.append((number, path))
                continue
            read = [source for source in (*field.sources, *field.conditions) if source.stage is not None]
            lost = [each for each in read if not leads_somewhere(trace.stages[each.stage].document, each.path)]
            astray += [(number, path, str(source)) for source in lost]

    assert [] == [place for place in untold if not only_holds(trace, *place)]
    assert [] == astray
    assert json.dumps(trace_json(trace, files))


def only_holds(trace, number, path):
    """Whether a place is a container of an engine's event, whose fields have histories of their own."""
    value = trace.stages[number].document
    for step in path:
        value = value[step]
    return isinstance(value, dict | list)


def leads_somewhere(document, path):
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_to_be_copied_is_the_same(traced, name):
    trace = traced(name)

    wrong = []
    for number, stage in enumerate(trace.stages):
        for path, field in stage.fields.items():
            if field.copied and field.sources[0].stage is not None and leads_somewhere(stage.document, path):
                source = field.sources[0]
                told = at(trace.stages[source.stage].document, source.path)
                if told != at(stage.document, path) and not has_own_histories(stage, path):
                    wrong.append((number, path, str(source)))

    assert [] == wrong


def has_own_histories(stage, path):
    """Whether places inside were written by somebody else, as a quirk's edit does."""
    return any(inner != path and inner[: len(path)] == path for inner in stage.fields)


def at(document, path):
    for step in path:
        document = document[step]
    return document


def test_losses_are_told_with_the_line_that_declares_them(tracer, files):
    body = {
        "model": "m", "max_tokens": 5, "top_k": 3,
        "system": [{"type": "text", "text": "Be terse.", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "Hi"}],
    }  # fmt: skip

    trace = tracer.message(Message("request", "claude", "gemini", json.dumps(body).encode(), "m"))

    drops = {drop.field: drop for stage in trace.stages for drop in stage.drops}
    place = drops["system[].cache"].place
    assert place is not None
    assert drops["system[].cache"].reason in dict(files.frame(place))[place.line]


def test_a_refusal_is_the_last_stage(tracer):
    trace = tracer.message(Message("request", "claude", "gemini", b'{"model": "m"}'))

    assert "refusal" == trace.stages[-1].name
    assert trace.failure


def test_sources_of_a_filter_are_the_items_it_keeps(tracer):
    body = {"model": "m", "input": [{"role": "developer", "content": "Be terse."}, {"role": "user", "content": "Hi"}]}

    trace = tracer.message(Message("request", "openai-responses", "claude", json.dumps(body).encode(), "m"))

    unified = next(stage for stage in trace.stages if stage.name == "unified_request")
    words = {
        source.pointer
        for path in places(unified.document)
        if at(unified.document, path) == "Hi" and (field := unified.field(path))
        for source in field.sources
    }
    assert {"/input/1/content"} == words
