"""Client bodies: everything real is accepted, each mistake gets one precise message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ccproxy.jsontypes import Json
from ccproxy.shapes.schemas import has_schema
from ccproxy.shapes.validator import body_validator
from shapes.traffic import PROTOCOLS, Message, captured_requests, needs_captures, needs_recordings, recorded

WITH_SCHEMA = [name for name in PROTOCOLS if has_schema(f"wire/{name}/request")]


def refused(messages: tuple[Message, ...]) -> list[str]:
    problems = ((message, body_validator(message.schema).problem(message.body)) for message in messages)
    return [f"{message.name}: {problem.message}" for message, problem in problems if problem]


@needs_recordings
@pytest.mark.parametrize("protocol", WITH_SCHEMA)
def test_accepts_every_recorded_request(protocol: str) -> None:
    assert recorded(protocol, "request")
    assert refused(recorded(protocol, "request")) == []


@needs_captures
@pytest.mark.parametrize("protocol", WITH_SCHEMA)
def test_accepts_what_real_clients_send(protocol: str) -> None:
    messages = tuple(message for message in captured_requests() if message.schema == f"wire/{protocol}/request")

    assert messages
    assert refused(messages) == []


def claude(**fields: Json) -> Json:
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], **fields}


def said(content: Json, role: str = "user") -> Json:
    return claude(messages=[{"role": role, "content": content}])


def chat(*messages: Json, **fields: Json) -> Json:
    return {"model": "m", "messages": list(messages), **fields}


BAD_CLAUDE: dict[str, tuple[Json, str]] = {
    "not_an_object": ([], "the body must be an object, but it is an array"),
    "no_messages": ({"model": "m", "max_tokens": 9}, "`messages` is missing: it must be an array"),
    "no_max_tokens": ({"model": "m", "messages": []}, "`max_tokens` is missing: it must be an integer"),
    "messages_as_text": (claude(messages="hi"), "`messages` must be an array, but it is a string"),
    "message_as_text": (claude(messages=["hi"]), "`messages[0]` must be an object, but it is a string"),
    "no_role": (claude(messages=[{"content": "hi"}]), "`messages[0].role` is missing: it must be a string"),
    "no_content": (
        claude(messages=[{"role": "user"}]),
        "`messages[0].content` is missing: it must be an array or a string",
    ),
    "content_as_number": (said(5), "`messages[0].content` must be an array or a string, but it is an integer"),
    "content_null": (said(None), "`messages[0].content` must be an array or a string, but it is null"),
    "block_without_type": (said([{"text": "x"}]), "`messages[0].content[0].type` is missing: it must be a string"),
    "text_without_text": (
        said([{"type": "text", "text": "a"}, {"type": "text"}]),
        "`messages[0].content[1].text` is missing: it must be a string",
    ),
    "text_as_object": (
        said([{"type": "text", "text": {}}]),
        "`messages[0].content[0].text` must be a string, but it is an object",
    ),
    "call_without_id": (
        said([{"type": "tool_use", "name": "f", "input": {}}], "assistant"),
        "`messages[0].content[0].id` is missing: it must be a string",
    ),
    "call_with_text_input": (
        said([{"type": "tool_use", "id": "a", "name": "f", "input": "{}"}], "assistant"),
        "`messages[0].content[0].input` must be an object, but it is a string",
    ),
    "result_without_id": (
        said([{"type": "tool_result", "content": "x"}]),
        "`messages[0].content[0].tool_use_id` is missing: it must be a string",
    ),
    "result_inside": (
        said([{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": 1}]}]),
        "`messages[0].content[0].content[0].text` must be a string, but it is an integer",
    ),
    "image_source": (
        said([{"type": "image", "source": {"type": "base64", "media_type": "image/png"}}]),
        "`messages[0].content[0].source.data` is missing: it must be a string",
    ),
    "temperature_as_text": (claude(temperature="1"), "`temperature` must be a number, but it is a string"),
    "stream_as_text": (claude(stream="yes"), "`stream` must be true or false, but it is a string"),
    "max_tokens_as_fraction": (claude(max_tokens=1.5), "`max_tokens` must be an integer, but it is a number"),
    "tool_without_name": (claude(tools=[{"input_schema": {}}]), "`tools[0].name` is missing: it must be a string"),
    "tool_schema_as_text": (
        claude(tools=[{"name": "f", "input_schema": "x"}]),
        "`tools[0].input_schema` must be an object, but it is a string",
    ),
    "stop_as_text": (claude(stop_sequences="x"), "`stop_sequences` must be an array, but it is a string"),
    "stop_of_numbers": (claude(stop_sequences=["a", 1]), "`stop_sequences[1]` must be a string, but it is an integer"),
    "thinking_as_flag": (claude(thinking=True), "`thinking` must be an object, but it is true"),
    "budget_missing": (
        claude(thinking={"type": "enabled"}),
        "`thinking.budget_tokens` is missing: it must be an integer",
    ),
}

USER: Json = {"role": "user", "content": "hi"}
BAD_CHAT: dict[str, tuple[Json, str]] = {
    "no_messages": ({"model": "m"}, "`messages` is missing: it must be an array"),
    "no_role": (chat({"content": "x"}), "`messages[0].role` is missing: it must be a string"),
    "user_without_content": (
        chat({"role": "user"}),
        "`messages[0].content` is missing: it must be an array or a string",
    ),
    "call_arguments_as_object": (
        chat(
            USER,
            {
                "role": "assistant",
                "tool_calls": [{"id": "a", "type": "function", "function": {"name": "f", "arguments": {}}}],
            },
        ),
        "`messages[1].tool_calls[0].function.arguments` must be a string, but it is an object",
    ),
    "result_without_id": (
        chat(USER, {"role": "tool", "content": "x"}),
        "`messages[1].tool_call_id` is missing: it must be a string",
    ),
    "image_without_address": (
        chat({"role": "user", "content": [{"type": "image_url", "image_url": {}}]}),
        "`messages[0].content[0].image_url.url` is missing: it must be a string",
    ),
    "tool_without_function": (
        chat(USER, tools=[{"type": "function"}]),
        "`tools[0].function` is missing: it must be an object",
    ),
    "tools_as_object": (chat(USER, tools={}), "`tools` must be an array, but it is an object"),
    "stop_as_number": (chat(USER, stop=3), "`stop` must be an array or a string, but it is an integer"),
    "temperature_as_text": (chat(USER, temperature="hot"), "`temperature` must be a number, but it is a string"),
    "options_as_text": (chat(USER, stream_options="x"), "`stream_options` must be an object, but it is a string"),
    "format_as_text": (chat(USER, response_format="json"), "`response_format` must be an object, but it is a string"),
}


BAD_RESPONSES: dict[str, tuple[Json, str]] = {
    "input_as_number": ({"input": 5}, "`input` must be an array or a string, but it is an integer"),
    "item_as_text": ({"input": ["hi"]}, "`input[0]` must be an object, but it is a string"),
    "message_content": (
        {"input": [{"role": "user", "content": [{"type": "input_text"}]}]},
        "`input[0].content[0].text` is missing: it must be a string",
    ),
    "call_without_id": (
        {"input": [{"type": "function_call", "name": "f", "arguments": "{}"}]},
        "`input[0].call_id` is missing: it must be a string",
    ),
    "output_missing": (
        {"input": [{"type": "function_call_output", "call_id": "a"}]},
        "`input[0].output` is missing: it must be an array or a string",
    ),
    "tool_without_name": (
        {"input": "x", "tools": [{"type": "function"}]},
        "`tools[0].name` is missing: it must be a string",
    ),
    "instructions": ({"input": "x", "instructions": 1}, "`instructions` must be a string, but it is an integer"),
}
BAD_GEMINI: dict[str, tuple[Json, str]] = {
    "no_contents": ({}, "`contents` is missing: it must be an object or an array"),
    "content_as_text": ({"contents": ["hi"]}, "`contents[0]` must be an object, but it is a string"),
    "text_as_number": (
        {"contents": [{"parts": [{"text": 1}]}]},
        "`contents[0].parts[0].text` must be a string, but it is an integer",
    ),
    "args_as_text": (
        {"contents": [{"parts": [{"functionCall": {"name": "f", "args": "{}"}}]}]},
        "`contents[0].parts[0].functionCall.args` must be an object, but it is a string",
    ),
    "limit_as_text": (
        {"contents": [], "generationConfig": {"maxOutputTokens": "9"}},
        "`generationConfig.maxOutputTokens` must be an integer, but it is a string",
    ),
}
BAD_OLLAMA: dict[str, tuple[Json, str]] = {
    "messages_as_object": ({"model": "m", "messages": {}}, "`messages` must be an array, but it is an object"),
    "no_role": ({"model": "m", "messages": [{"content": "x"}]}, "`messages[0].role` is missing: it must be a string"),
    "options_as_list": (
        {"model": "m", "messages": [], "options": []},
        "`options` must be an object, but it is an array",
    ),
    "content_as_list": (
        {"model": "m", "messages": [{"role": "user", "content": []}]},
        "`messages[0].content` must be a string, but it is an array",
    ),
}
BAD: dict[str, dict[str, tuple[Json, str]]] = {
    "claude": BAD_CLAUDE,
    "openai-chat": BAD_CHAT,
    "openai-responses": BAD_RESPONSES,
    "gemini": BAD_GEMINI,
    "ollama": BAD_OLLAMA,
}


@pytest.mark.parametrize(("protocol", "name"), [(protocol, name) for protocol in BAD for name in BAD[protocol]])
def test_names_the_mistake(protocol: str, name: str) -> None:
    body, expected = BAD[protocol][name]
    problem = body_validator(f"wire/{protocol}/request").problem(body)

    assert problem
    assert expected == problem.message


@pytest.mark.parametrize("protocol", WITH_SCHEMA)
def test_never_speaks_of_schemas(protocol: str) -> None:
    """Every kind of value in every place of a real body gives a message of ours."""
    validator = body_validator(f"wire/{protocol}/request")
    for message in recorded(protocol, "request")[:3]:
        for body in spoiled(message.body):
            problem = validator.problem(body)
            assert problem is None or "a value" not in problem.message


def spoiled(body: Json, wrong: Json = 12.5) -> Iterator[Json]:
    """Yield the body with each of its values replaced by a wrong one, one at a time."""
    steps = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in steps:
        for bad in (wrong, *spoiled(value, wrong)):
            copy: Any = dict(body) if isinstance(body, dict) else list(body)
            copy[key] = bad
            yield copy


GOOD_CLAUDE: dict[str, Json] = {
    "unknown_fields": claude(brand_new={"x": 1}),
    "unknown_block": said([{"type": "hologram", "data": 5}]),
    "unknown_role": said("x", "narrator"),
    "unknown_enum_value": claude(service_tier="turbo", thinking={"type": "adaptive", "display": "verbose"}),
    "unknown_thinking": claude(thinking={"type": "dreaming"}),
    "unknown_tool_type": claude(tools=[{"type": "laser_20300101", "power": 1}]),
    "nulls_for_optional_fields": claude(system=None, tools=None, temperature=None, thinking=None, stop_sequences=None),
    "null_cache_control": said([{"type": "text", "text": "x", "cache_control": None}]),
    "no_model": {"max_tokens": 9, "messages": []},
    "whole_float": claude(max_tokens=9.0),
}


@pytest.mark.parametrize("name", GOOD_CLAUDE)
def test_lets_through_what_a_newer_client_may_send(name: str) -> None:
    assert body_validator("wire/claude/request").problem(GOOD_CLAUDE[name]) is None
