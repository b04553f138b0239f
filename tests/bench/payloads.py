"""Messages of the size that coding agents send, made up here: a long conversation with tools, and streamed answers."""

from __future__ import annotations

import json
from typing import Any

WORDS = [
    "the",
    "cache",
    "keeps",
    "one",
    "entry",
    "per",
    "tenant",
    "and",
    "drops",
    "the",
    "oldest",
    "when",
    "a",
    "limit",
    "is",
    "hit",
    "so",
    "that",
    "no",
    "burst",
    "pushes",
    "out",
    "the",
    "rest",
]
JsonObject = dict[str, Any]


def prose(characters: int, seed: int = 0) -> str:
    """Readable filler of about that many characters; the same seed gives the same text."""
    words, length, position = [], 0, seed
    while length < characters:
        word = WORDS[(position * 7 + seed) % len(WORDS)]
        words.append(word if position % 13 else word + '.\n\t"quoted"')
        length += len(word) + 1
        position += 1
    return " ".join(words)


def tool(number: int) -> JsonObject:
    properties = {
        f"field_{i}": {"type": "string", "description": prose(90, i), **({"enum": ["a", "b"]} if i == 0 else {})}
        for i in range(6)
    }
    return {
        "name": f"Tool{number}",
        "description": prose(1800, number),
        "input_schema": {
            "type": "object",
            "properties": properties,
            "required": ["field_0"],
            "additionalProperties": False,
        },
    }


def agentic_request() -> JsonObject:
    """A Claude request of about 190 KB: 25 tools, 41 messages, calls and results."""
    messages: list[JsonObject] = [{"role": "user", "content": [{"type": "text", "text": prose(2500)}]}]
    for turn in range(20):
        call = {
            "type": "tool_use",
            "id": f"toolu_{turn:024d}",
            "name": f"Tool{turn % 25}",
            "input": {"field_0": "a", "field_1": prose(500, turn)},
        }
        messages.append({"role": "assistant", "content": [{"type": "text", "text": prose(250, turn)}, call]})
        result = {
            "type": "tool_result",
            "tool_use_id": call["id"],
            "content": [{"type": "text", "text": prose(3000, turn)}],
        }
        extra = [{"type": "text", "text": prose(200, turn)}] if turn % 3 == 0 else []
        messages.append({"role": "user", "content": [result, *extra]})
    return {
        "model": "bench-model",
        "max_tokens": 32000,
        "system": [{"type": "text", "text": prose(9000), "cache_control": {"type": "ephemeral"}}],
        "messages": messages,
        "tools": [tool(number) for number in range(25)],
        "stream": True,
    }


def _sse(document: JsonObject) -> bytes:
    return b"data: " + json.dumps(document, separators=(",", ":")).encode() + b"\n\n"


def chat_stream(pieces: int = 100) -> list[bytes]:
    """An OpenAI chat stream of text pieces with a usage chunk at the end."""
    head = {
        "id": "chatcmpl-bench00000000000000000001",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": "bench-model",
    }
    head |= {"service_tier": "default", "system_fingerprint": "fp_bench00001"}

    def chunk(delta: JsonObject, finish: str | None = None) -> bytes:
        return _sse(
            {
                **head,
                "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
                "usage": None,
            }
        )

    usage = {
        "prompt_tokens": 812,
        "completion_tokens": 404,
        "total_tokens": 1216,
        "prompt_tokens_details": {"cached_tokens": 512},
    }
    text = [chunk({"content": prose(18, number) + " "}) for number in range(pieces)]
    last = [chunk({}, "stop"), _sse({**head, "choices": [], "usage": usage}), b"data: [DONE]\n\n"]
    return [chunk({"role": "assistant", "content": ""}), *text, *last]


def _named(document: JsonObject) -> bytes:
    return b"event: " + document["type"].encode() + b"\n" + _sse(document)


def claude_stream(pieces: int = 100) -> list[bytes]:
    """The same answer as a Claude stream."""
    message = {
        "id": "msg_bench01",
        "type": "message",
        "role": "assistant",
        "model": "bench-model",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }
    message["usage"] = {
        "input_tokens": 300,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 512,
        "output_tokens": 1,
    }
    delta = lambda text: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}  # noqa: E731
    return [
        _named({"type": "message_start", "message": message}),
        _named({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        _named({"type": "ping"}),
        *(_named(delta(prose(18, number) + " ")) for number in range(pieces)),
        _named({"type": "content_block_stop", "index": 0}),
        _named(
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": 404},
            }
        ),
        _named({"type": "message_stop"}),
    ]


def chat_call_stream(pieces: int = 40) -> list[bytes]:
    """An OpenAI chat stream of one call whose arguments come in pieces."""
    head = {"id": "chatcmpl-bench01", "object": "chat.completion.chunk", "created": 1790000000, "model": "bench-model"}

    def chunk(delta: JsonObject, finish: str | None = None) -> bytes:
        return _sse({**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]})

    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "Tool1", "arguments": ""}}
    usage = {"prompt_tokens": 812, "completion_tokens": 404, "prompt_tokens_details": {"cached_tokens": 512}}
    return [
        chunk({"role": "assistant", "content": None, "tool_calls": [first]}),
        *(chunk({"tool_calls": [{"index": 0, "function": {"arguments": text}}]}) for text in argument_pieces(pieces)),
        chunk({}, "tool_calls"),
        _sse({**head, "choices": [], "usage": usage}),
        b"data: [DONE]\n\n",
    ]


def claude_call_stream(pieces: int = 40) -> list[bytes]:
    """The same call as a Claude stream."""
    start, _, _, *_, delta, stop = claude_stream(0)
    block = {"type": "tool_use", "id": "toolu_1", "name": "Tool1", "input": {}}
    texts = [{"type": "input_json_delta", "partial_json": text} for text in argument_pieces(pieces)]
    return [
        start,
        _named({"type": "content_block_start", "index": 0, "content_block": block}),
        *(_named({"type": "content_block_delta", "index": 0, "delta": text}) for text in texts),
        _named({"type": "content_block_stop", "index": 0}),
        delta.replace(b"end_turn", b"tool_use"),
        stop,
    ]


def argument_pieces(pieces: int) -> list[str]:
    """JSON text cut into so many pieces."""
    text = json.dumps({"field_0": "a", "field_1": prose(20 * pieces)})
    size = -(-len(text) // pieces)
    return [text[start : start + size] for start in range(0, len(text), size)]


def chat_answer_body() -> JsonObject:
    """A whole OpenAI chat answer: text and a call."""
    function = {"name": "Tool1", "arguments": json.dumps({"field_0": "a", "field_1": prose(500)})}
    call = {"id": "call_1", "type": "function", "function": function}
    message = {"role": "assistant", "content": prose(900), "refusal": None, "tool_calls": [call]}
    return {
        "id": "chatcmpl-bench01",
        "object": "chat.completion",
        "created": 1790000000,
        "model": "bench-model",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 812, "completion_tokens": 404, "prompt_tokens_details": {"cached_tokens": 512}},
    }


def claude_answer_body() -> JsonObject:
    """The same answer from Claude."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "Tool1", "input": {"field_0": "a", "field_1": prose(500)}}
    return {
        "id": "msg_bench01",
        "type": "message",
        "role": "assistant",
        "model": "bench-model",
        "content": [{"type": "text", "text": prose(900)}, call],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 300, "cache_read_input_tokens": 512, "output_tokens": 404},
    }
