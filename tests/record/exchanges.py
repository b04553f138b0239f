"""One conversation in every protocol: made from one of them by the mappings themselves, which only have to agree."""

from __future__ import annotations

import json

from ccproxy.jsontypes import JsonObject
from record.proxied import Reply, shared_engine

BASE = "openai-chat"
STREAM_TYPES = {"sse": "text/event-stream", "ndjson": "application/x-ndjson", "json_array": "application/json"}
REQUEST: JsonObject = {
    "model": "m",
    "max_tokens": 100,
    "messages": [
        {"role": "system", "content": "You help canary.person@example.com."},
        {"role": "user", "content": "What is the weather in Paris? My files are in /home/canary/notes."},
        {
            "role": "assistant",
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "Sunny, 21 degrees"},
        {"role": "user", "content": "And in Rome, with sk-CANARY0123456789abcdef?"},
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "The weather of a city",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            },
        }
    ],
}
DELTAS = [
    {"role": "assistant", "content": ""},
    {"content": "Let me ask canary.per"},
    {"content": "son@example.com first."},
    {
        "tool_calls": [
            {"index": 0, "id": "call_2", "type": "function", "function": {"name": "weather", "arguments": ""}}
        ]
    },
    {"tool_calls": [{"index": 0, "function": {"arguments": '{"city": "Ro'}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": 'me"}'}}]},
]
USAGE = {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}


def request(protocol: str, model: str, stream: bool) -> tuple[str, bytes]:
    """Path and body of a client of a protocol that asks for a model."""
    body = shared_engine().request({**REQUEST, "model": model, "stream": stream}, BASE, protocol, model=model)
    operation = next(each for each in shared_engine().protocols[protocol].operations.values() if each.is_chat)
    path = operation.routes[0][1].replace("{model}", model)
    told = operation.stream
    if told is not None and told.path is not None:
        # the other action of such a route is the one that is not named
        path = f"/v1beta/models/{model}:" + (f"{told.value}?alt=sse" if stream else "generateContent")
    return path, json.dumps(body).encode()


def answer(protocol: str, stream: bool, size: int = 37) -> Reply:
    """What a provider of a protocol answers; a stream comes in pieces of so many bytes."""
    raw = chat_stream() if stream else b""
    engine = shared_engine()
    if not stream:
        whole = chat_answer()
        body = whole if protocol == BASE else engine.response(whole, BASE, protocol)
        return Reply([json.dumps(body).encode()])
    if protocol != BASE:
        conversion = engine.stream(BASE, protocol)
        raw = conversion.feed(raw) + conversion.close()
    kind = STREAM_TYPES[engine.protocols[protocol].stream.framing]
    return Reply([raw[at : at + size] for at in range(0, len(raw), size)], kind)


def chat_stream() -> bytes:
    head: JsonObject = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m"}
    chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in DELTAS]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}], "usage": USAGE})
    return b"".join(b"data: %b\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"


def chat_answer() -> JsonObject:
    message = {
        "role": "assistant",
        "content": "Let me ask canary.person@example.com first.",
        "tool_calls": [
            {"id": "call_2", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Rome"}'}}
        ],
    }
    choice: JsonObject = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    head: JsonObject = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": "m"}
    return {**head, "choices": [choice], "usage": USAGE}
