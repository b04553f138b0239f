"""Cohere's messages, read and written by hand: nothing is shared with the mappings, so that the two can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from recordings.answers import END, LENGTH, TOOL, Answer, arguments_of, payloads

STOPS = {"TOOL_CALL": TOOL, "MAX_TOKENS": LENGTH}


def read_cohere(body: dict[str, Any]) -> Answer:
    message = body["message"]
    read = Answer(stop=STOPS.get(body["finish_reason"], END), usage=usage_of(body))
    for block in message.get("content") or ():
        read.text += block.get("text", "")
        read.reasoning += block.get("thinking", "")
    read.reasoning += message.get("tool_plan") or ""
    read.calls = [
        (each["function"]["name"], arguments_of(each["function"]["arguments"]))
        for each in message.get("tool_calls") or ()
    ]
    return read


def usage_of(body: dict[str, Any]) -> dict[str, int]:
    usage = body["usage"]
    cached = int(usage.get("cached_tokens") or 0)
    return {
        "input": int(usage["tokens"]["input_tokens"]) - cached,
        "cache_read": cached,
        "cache_write": 0,
        "output": int(usage["tokens"]["output_tokens"]),
    }


def read_cohere_stream(raw: bytes) -> Answer:
    return read_cohere(whole_of(list(payloads(raw))))


def whole_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer that events add up to; also holds the rules of their order."""
    head, *middle, last = events
    assert (head["type"], last["type"]) == ("message-start", "message-end")
    content: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    citations: list[dict[str, Any]] = []
    plan, open_event = "", ""
    for event in middle:
        message = event.get("delta", {}).get("message", {})
        match event["type"]:
            case "content-start":
                assert (open_event, event["index"]) == ("", len(content))
                content.append(dict(message["content"]))
                open_event = "content"
            case "content-delta":
                assert (open_event, event["index"]) == ("content", len(content) - 1)
                for name, more in message["content"].items():
                    content[-1][name] += more
            case "tool-plan-delta":
                assert open_event == ""
                plan += message["tool_plan"]
            case "citation-start":
                assert event["index"] == len(citations)
                citations.append(message["citations"])
            case "tool-call-start":
                assert (open_event, event["index"]) == ("", len(calls))
                calls.append(json.loads(json.dumps(message["tool_calls"])))
                open_event = "tool-call"
            case "tool-call-delta":
                assert (open_event, event["index"]) == ("tool-call", len(calls) - 1)
                calls[-1]["function"]["arguments"] += message["tool_calls"]["function"]["arguments"]
            case "content-end" | "tool-call-end":
                assert event["type"] == f"{open_event}-end"
                open_event = ""
            case "citation-end":
                assert event["index"] == len(citations) - 1
            case other:
                raise AssertionError(other)
    assert open_event == ""
    found = {"content": content, "tool_plan": plan, "tool_calls": calls, "citations": citations}
    message = {"role": "assistant", **{name: value for name, value in found.items() if value}}
    return {"id": head["id"], "message": message, **last["delta"]}


def events_of(body: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The answer as Cohere streams it, in small pieces."""
    message = body["message"]
    yield {"type": "message-start", "id": body["id"], "delta": {"message": {"role": "assistant"}}}
    for index, block in enumerate(message.get("content", ())):
        kind = block["type"]
        yield added("content-start", index, content={"type": kind, "text" if kind == "text" else "thinking": ""})
        for piece in pieces_of(block.get("text") or block["thinking"]):
            yield added("content-delta", index, content={"text" if kind == "text" else "thinking": piece})
        for number, citation in enumerate(message.get("citations", ()) if kind == "text" else ()):
            yield added("citation-start", number, citations=citation)
            yield {"type": "citation-end", "index": number}
        yield {"type": "content-end", "index": index}
    for piece in pieces_of(message.get("tool_plan", "")):
        yield {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": piece}}}
    for index, each in enumerate(message.get("tool_calls", ())):
        yield added("tool-call-start", index, tool_calls={**each, "function": {**each["function"], "arguments": ""}})
        for piece in pieces_of(each["function"]["arguments"]):
            yield added("tool-call-delta", index, tool_calls={"function": {"arguments": piece}})
        yield {"type": "tool-call-end", "index": index}
    yield {"type": "message-end", "delta": {"finish_reason": body["finish_reason"], "usage": body["usage"]}}


def added(kind: str, index: int, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": index, "delta": {"message": message}}


def pieces_of(words: str) -> list[str]:
    return [words[start : start + 5] for start in range(0, len(words), 5)]


def stream_of(body: dict[str, Any]) -> bytes:
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events_of(body)]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()
