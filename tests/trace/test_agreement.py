"""The interpreter that traces and the generated code that converts say the same, for every message there is."""

from __future__ import annotations

import json

import pytest

from ccproxy.conversion.context import Context
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.compiled import generate_folder, generate_quirk
from ccproxy.mapping.generated import build_unit
from ccproxy.mapping.model import Table
from ccproxy.trace.delivery import edited, root_scope
from ccproxy.trace.evaluation import Evaluator
from ccproxy.trace.interpreter import Interpreter
from ccproxy.trace.library import interpreter_of
from conversions.cases import all_cases, stream_bytes
from mapping.test_language import CASES as LANGUAGE
from mapping.test_language import NODES, build
from recordings.traffic import SHARED, recordings
from trace_parts.twins import error_of, request_of, response_of, stream_of

PROTOCOLS = ("claude", "gemini", "ollama", "openai-chat", "openai-responses")
# Of the recordings every so many-th, each to another protocol in turn: the whole of it takes minutes.
EVERY = 6


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_every_fixture_comes_to_the_same(engines, case):
    def run(engine):
        match case.kind:
            case "request":
                return request_of(engine, case.source, case.target, case.given, case.model, case.quirks)
            case "response":
                return response_of(engine, case.source, case.target, case.given, case.request)
            case "error":
                return error_of(engine, case.source, case.target, case.given, case.status)
            case _:
                facts = engine.protocols[case.source].stream
                data = stream_bytes(case.given, framing=facts.framing, names=facts.event_name is not None, end=None)
                return stream_of(engine, case.source, case.target, data, case.request)

    compiled, traced = engines

    assert run(compiled) == run(traced)
    assert traced.journal.stages


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recordings are not here")
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_recorded_traffic_comes_to_the_same(twins_of, protocol):
    for number, recording in enumerate(recordings(protocol)[::EVERY]):
        target = PROTOCOLS[number % len(PROTOCOLS)]
        for expected, actual in _pairs(twins_of, recording, protocol, target):
            assert expected == actual, f"{recording.name} to {target}"


def _pairs(twins_of, recording, source, target):
    if recording.request:
        yield [request_of(engine, source, target, recording.request) for engine in twins_of()]
    if recording.raw:
        yield [stream_of(engine, source, target, recording.raw) for engine in twins_of()]
    elif isinstance(recording.body, dict) and recording.status < 300:
        yield [response_of(engine, source, target, recording.body) for engine in twins_of()]
    elif isinstance(recording.body, dict):
        yield [error_of(engine, source, target, recording.body, recording.status) for engine in twins_of()]


@pytest.mark.parametrize("number", range(len(LANGUAGE)), ids=[case["it"].replace(" ", "_") for case in LANGUAGE])
def test_every_rule_of_the_language_comes_to_the_same(number):
    case, node = LANGUAGE[number], NODES.items[number]
    folder, _ = build(node)
    tables = {name: Table(name, t["values"], t.get("default"), node) for name, t in case.get("tables", {}).items()}
    compiled = build_unit(generate_folder(folder, tables, None), lambda value: value).functions["request_to_unified"]
    interpreter = interpreter_of(folder, Evaluator(tables))
    template = folder.transforms["request", "to_unified"]

    def interpreted(value, context):
        made = interpreter.value(template, root_scope(value, context))
        return None if made is None else made.value

    assert _said(compiled, case["given"]) == _said(interpreted, case["given"])


def _said(function, given):
    context = Context({}, "a", {}, 0)
    try:
        return function(json.loads(json.dumps(given)), context), context.dropped
    except Rejection as refusal:
        return refusal.error


def test_every_example_of_a_quirk_comes_to_the_same(source, evaluator):
    count = 0
    for quirk in source.tree.quirks.values():
        compiled = build_unit(generate_quirk(quirk, source.tree.tables), lambda value: value).functions
        interpreter = Interpreter(evaluator, {}, {}, frozenset())
        for example in quirk.examples:
            facts = {"protocol": "p", "model": "m", "capabilities": {}}
            contexts = [Context(example.given, "p", facts, 0) for _ in range(2)]
            expected = compiled[example.kind](example.given, contexts[0])
            actual, _ = edited(interpreter, quirk.edits[example.kind], example.given, contexts[1])
            assert (expected, contexts[0].dropped) == (actual, contexts[1].dropped), quirk.name
            count += 1

    assert count > 20
