"""A protocol that came as data alone, against all others: what Cohere's models say reaches every client, and back.

The readers of the other protocols are those of the recordings.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ccproxy import Engine
from ccproxy.conversion.errors import UpstreamError
from ccproxy.shapes.schemas import load_schema
from conversions.cohere_messages import read_cohere, read_cohere_stream, stream_of, whole_of
from recordings.answers import Answer, payloads, read_chat, read_chat_stream, read_claude, read_claude_stream
from recordings.gemini_answers import read_gemini, read_gemini_stream
from recordings.ollama_answers import read_ollama, read_ollama_stream
from recordings.responses_answers import read_responses, read_responses_stream

READERS = {
    "openai-chat": (read_chat, read_chat_stream),
    "openai-responses": (read_responses, read_responses_stream),
    "claude": (read_claude, read_claude_stream),
    "gemini": (read_gemini, read_gemini_stream),
    "ollama": (read_ollama, read_ollama_stream),
}
SAID = [{"role": "user", "content": "Go."}]
REQUESTS: dict[str, dict[str, Any]] = {
    "cohere": {"model": "m", "messages": SAID, "stream": True},
    "openai-chat": {"model": "m", "messages": SAID, "stream": True, "stream_options": {"include_usage": True}},
    "openai-responses": {"model": "m", "input": "Go.", "stream": True},
    "claude": {"model": "m", "messages": SAID, "max_tokens": 100, "stream": True},
    "gemini": {"contents": [{"role": "user", "parts": [{"text": "Go."}]}]},
    "ollama": {"model": "m", "messages": SAID},
}
USAGE = {
    "billed_units": {"input_tokens": 12, "output_tokens": 30},
    "tokens": {"input_tokens": 507, "output_tokens": 44},
    "cached_tokens": 448,
}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def thoughts(words: str) -> dict[str, Any]:
    return {"type": "thinking", "thinking": words}


def call(number: int, arguments: str) -> dict[str, Any]:
    return {"id": f"w_{number}", "type": "function", "function": {"name": f"tool_{number}", "arguments": arguments}}


def answer(reason: str, **message: Any) -> dict[str, Any]:
    return {"id": "0c9", "finish_reason": reason, "message": {"role": "assistant", **message}, "usage": USAGE}


CITATION = {
    "start": 0,
    "end": 4,
    "text": "Warm",
    "sources": [{"type": "document", "id": "doc:0", "document": {"id": "doc:0", "title": "Almanac"}}],
    "type": "TEXT_CONTENT",
}
ANSWERS = {
    "text": answer("COMPLETE", content=[text("Grüße aus Bern: 22 °C ☀️")]),
    "cited text": answer("COMPLETE", content=[text("Warm.")], citations=[CITATION]),
    "thoughts": answer("COMPLETE", content=[thoughts("Two places."), text("It is warm.")]),
    "half an answer": answer("MAX_TOKENS", content=[text("Half of")]),
    "a planned call": answer("TOOL_CALL", tool_plan="I will look.", tool_calls=[call(1, '{"city":"Bern"}')]),
    "parallel calls": answer(
        "TOOL_CALL",
        content=[thoughts("Three."), text("One moment.")],
        tool_calls=[call(1, '{"x":[1,{"y":null}]}'), call(2, "{}"), call(3, '{"z":"a\\"b"}')],
    ),
}
CASES = [(name, other) for name in ANSWERS for other in READERS]
every_case = pytest.mark.parametrize(("name", "other"), CASES, ids=[f"{name}, {other}" for name, other in CASES])
every_answer = pytest.mark.parametrize("name", ANSWERS)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def cut(engine: Engine, raw: bytes, source: str, target: str) -> bytes:
    """The stream converted in pieces of any length."""
    stream = engine.stream(source=source, target=target, request=REQUESTS[target])
    cuts, output, start = random.Random(raw), b"", 0
    while start < len(raw):
        end = start + cuts.randint(1, 90)
        output += stream.feed(raw[start:end])
        start = end
    return output + stream.close()


def as_said(read: Answer, other: str) -> Answer:
    """What the other protocol can say: Ollama counts what a cache served among the rest."""
    usage = dict(read.usage)
    if other == "ollama":
        usage = {**usage, "input": usage["input"] + usage["cache_read"], "cache_read": 0}
    return replace(read, reasoning="".join(read.reasoning.split()), usage=usage)


def problems(kind: str, value: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(load_schema(f"wire/cohere/{kind}")).iter_errors(value)]


@every_case
def test_whole_answers_reach_every_client_and_come_back(engine: Engine, name: str, other: str) -> None:
    body = ANSWERS[name]
    expected = as_said(read_cohere(body), other)

    there = engine.response(body, source="cohere", target=other, request=REQUESTS[other])
    back = engine.response(there, source=other, target="cohere", request=REQUESTS["cohere"])

    assert expected == as_said(READERS[other][0](there), "")
    assert expected == as_said(read_cohere(back), "")
    assert problems("response", back) == []


@every_case
def test_streams_reach_every_client_and_come_back(engine: Engine, name: str, other: str) -> None:
    raw = stream_of(ANSWERS[name])
    expected = as_said(read_cohere(ANSWERS[name]), other)

    there = cut(engine, raw, "cohere", other)
    back = cut(engine, there, other, "cohere")

    assert expected == as_said(READERS[other][1](there), "")
    assert expected == as_said(read_cohere_stream(back), "")
    assert [problem for event in payloads(back) for problem in problems("stream", event)] == []
    assert back.endswith(b"data: [DONE]\n\n")


@every_answer
def test_answers_come_back_unchanged(engine: Engine, name: str) -> None:
    body = ANSWERS[name]

    assert body == engine.response(body, source="cohere", target="cohere", request=REQUESTS["cohere"])
    assert body == whole_of(list(payloads(cut(engine, stream_of(body), "cohere", "cohere"))))


@every_answer
def test_streams_serve_clients_that_want_whole_answers(engine: Engine, name: str) -> None:
    exchange = engine.answering("cohere", "cohere", REQUESTS["cohere"])

    assert ANSWERS[name] == exchange.whole(stream_of(ANSWERS[name]))


@pytest.mark.parametrize(("reason", "kind"), [("ERROR", "upstream"), ("TIMEOUT", "timeout")])
def test_an_answer_that_says_nothing_but_its_failure_is_an_error(engine: Engine, reason: str, kind: str) -> None:
    with pytest.raises(UpstreamError) as failed:
        engine.response(answer(reason), source="cohere", target="claude")

    assert kind == failed.value.error["kind"]


def test_a_failed_answer_keeps_what_it_said(engine: Engine) -> None:
    body = answer("TIMEOUT", content=[text("Half of")])

    assert body == engine.response(body, source="cohere", target="cohere")


@pytest.mark.parametrize("other", READERS)
def test_conversations_reach_every_upstream_and_come_back(engine: Engine, other: str) -> None:
    """Words, pictures, calls and results; thoughts stay with those who can check them."""
    request = {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    text("How warm is it?"),
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                ],
            },
            {"role": "assistant", "content": [text("I look.")], "tool_calls": [call(1, '{"x":1}'), call(2, "{}")]},
            {"role": "tool", "tool_call_id": "w_1", "content": "22"},
            {"role": "tool", "tool_call_id": "w_2", "content": "sunny"},
            {"role": "assistant", "content": [text("Warm.")]},
            {"role": "user", "content": "Thanks."},
        ],
        "tools": [
            {"type": "function", "function": {"name": f"tool_{n}", "parameters": {"type": "object", "properties": {}}}}
            for n in (1, 2)
        ],
        "max_tokens": 50,
        "temperature": 0.3,
    }

    there = engine.request(request, source="cohere", target=other, model="m")
    back = engine.request(there, source=other, target="cohere", model="m")

    assert request == {name: value for name, value in back.items() if name in request}


@every_answer
def test_whole_answers_serve_clients_that_want_streams(engine: Engine, name: str) -> None:
    exchange = engine.answering("cohere", "cohere", REQUESTS["cohere"])

    assert ANSWERS[name] == whole_of(list(payloads(exchange.pieces(ANSWERS[name]))))
