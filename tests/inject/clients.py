"""How clients of each protocol ask, and what they read out of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ccproxy.jsontypes import JsonObject

SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}


@dataclass(frozen=True)
class Client:
    """`read` gives (text, names of called tools, why it stopped) of an answer, `follow` of a stream's events."""

    name: str
    path: str
    streaming_path: str
    body: JsonObject
    tool: JsonObject
    read: Callable[[JsonObject], tuple[str, list[str], str]]
    follow: Callable[[list[JsonObject]], tuple[str, list[str], str]]
    told_by_path: bool = False

    def ask(self, *, stream: bool, tools: bool = False) -> tuple[str, JsonObject]:
        body = {**self.body, **({} if self.told_by_path else {"stream": stream})}
        return (self.streaming_path if stream else self.path), {**body, **({"tools": [self.tool]} if tools else {})}

    def understood(self, told: bytes, *, stream: bool) -> tuple[str, list[str], str]:
        return self.follow(list(events(told))) if stream else self.read(json.loads(told))


def events(told: bytes) -> Iterator[JsonObject]:
    for line in told.decode().splitlines():
        text = line.removeprefix("data: ")
        if text.startswith("{"):
            yield json.loads(text)


def read_claude(answer):  # type: ignore[no-untyped-def]
    text = "".join(block.get("text", "") for block in answer["content"])
    return text, [block["name"] for block in answer["content"] if block["type"] == "tool_use"], answer["stop_reason"]


def follow_claude(told):  # type: ignore[no-untyped-def]
    kinds = [event["type"] for event in told if event["type"] != "ping"]
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert (kinds.count("message_start"), kinds.count("message_stop")) == (1, 1)
    starts = [event for event in told if event["type"] == "content_block_start"]
    assert [start["index"] for start in starts] == list(range(len(starts)))
    blocks = [dict(start["content_block"]) for start in starts]
    for event in told:
        if event["type"] == "content_block_delta" and "text" in event["delta"]:
            blocks[event["index"]]["text"] += event["delta"]["text"]
    stop = next(event["delta"]["stop_reason"] for event in told if event["type"] == "message_delta")
    return read_claude({"content": blocks, "stop_reason": stop})


def read_chat(answer):  # type: ignore[no-untyped-def]
    message = answer["choices"][0]["message"]
    calls = [call["function"]["name"] for call in message.get("tool_calls") or []]
    return message.get("content") or "", calls, answer["choices"][0]["finish_reason"]


def follow_chat(told):  # type: ignore[no-untyped-def]
    choices = [choice for event in told for choice in event["choices"]]
    text = "".join(choice["delta"].get("content") or "" for choice in choices)
    calls = [call for choice in choices for call in choice["delta"].get("tool_calls") or []]
    names = [call["function"]["name"] for call in calls if call["function"].get("name")]
    [finish] = [choice["finish_reason"] for choice in choices if choice.get("finish_reason")]
    assert len({event["id"] for event in told}) == 1
    return text, names, finish


def read_responses(answer):  # type: ignore[no-untyped-def]
    parts = [part for item in answer["output"] if item["type"] == "message" for part in item["content"]]
    names = [item["name"] for item in answer["output"] if item["type"] == "function_call"]
    return "".join(part["text"] for part in parts), names, answer["status"]


def follow_responses(told):  # type: ignore[no-untyped-def]
    kinds = [event["type"] for event in told]
    assert kinds.count("response.created") == 1
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    final = told[-1]
    text = "".join(event["delta"] for event in told if event["type"] == "response.output_text.delta")
    assert read_responses(final["response"])[0] == text
    return read_responses(final["response"])


def read_gemini(answer):  # type: ignore[no-untyped-def]
    candidate = answer["candidates"][0]
    parts = candidate.get("content", {}).get("parts", [])
    text = "".join(part.get("text", "") for part in parts)
    names = [part["functionCall"]["name"] for part in parts if "functionCall" in part]
    return text, names, candidate.get("finishReason", "")


def follow_gemini(told):  # type: ignore[no-untyped-def]
    read = [read_gemini(event) for event in told if event.get("candidates")]
    [finish] = [finish for _, _, finish in read if finish]
    return "".join(text for text, _, _ in read), [name for _, names, _ in read for name in names], finish


def read_ollama(answer):  # type: ignore[no-untyped-def]
    message = answer["message"]
    calls = [call["function"]["name"] for call in message.get("tool_calls") or []]
    return message.get("content") or "", calls, answer.get("done_reason", "")


def follow_ollama(told):  # type: ignore[no-untyped-def]
    read = [read_ollama(event) for event in told]
    assert [event["done"] for event in told].count(True) == 1
    return "".join(text for text, _, _ in read), [name for _, names, _ in read for name in names], read[-1][2]


MESSAGES = [{"role": "user", "content": "look up x"}]
FUNCTION = {"name": "open", "description": "Open a file.", "parameters": SCHEMA}
CLAUDE = Client(
    "claude",
    "/v1/messages",
    "/v1/messages",
    {"model": "m", "max_tokens": 100, "messages": MESSAGES},
    {"name": "open", "description": "Open a file.", "input_schema": SCHEMA},
    read_claude,
    follow_claude,
)
CHAT = Client(
    "chat",
    "/v1/chat/completions",
    "/v1/chat/completions",
    {"model": "m", "messages": MESSAGES},
    {"type": "function", "function": FUNCTION},
    read_chat,
    follow_chat,
)
RESPONSES = Client(
    "responses",
    "/v1/responses",
    "/v1/responses",
    {"model": "m", "input": "look up x"},
    {"type": "function", **FUNCTION},
    read_responses,
    follow_responses,
)
GEMINI = Client(
    "gemini",
    "/v1beta/models/m:generateContent",
    "/v1beta/models/m:streamGenerateContent?alt=sse",
    {"contents": [{"role": "user", "parts": [{"text": "look up x"}]}]},
    {"functionDeclarations": [FUNCTION]},
    read_gemini,
    follow_gemini,
    told_by_path=True,
)
OLLAMA = Client(
    "ollama",
    "/api/chat",
    "/api/chat",
    {"model": "m", "messages": MESSAGES},
    {"type": "function", "function": FUNCTION},
    read_ollama,
    follow_ollama,
)
CLIENTS = (CLAUDE, CHAT, RESPONSES, GEMINI, OLLAMA)
