"""Answers of the Responses API, read by hand; what their streams must look like."""

from __future__ import annotations

from typing import Any

from recordings.answers import FILTER, LENGTH, TOOL, Answer, arguments_of, payloads

STOPS = {"max_output_tokens": LENGTH, "content_filter": FILTER}
ENDS = ("response.completed", "response.incomplete", "response.failed")
CALLS = ("function_call", "custom_tool_call")
SKIPPED = ("error", "response.failed")


def read_responses(body: dict[str, Any]) -> Answer:
    answer = Answer(error=body.get("status") == "failed")
    for item in body.get("output") or ():
        _add_item(answer, item)
    reason = (body.get("incomplete_details") or {}).get("reason")
    answer.stop = STOPS[reason] if reason else TOOL if answer.calls else answer.stop
    answer.usage = responses_usage(body.get("usage"))
    return answer


def read_responses_stream(raw: bytes) -> Answer:
    """The items that were done, and the end of the answer."""
    events = list(payloads(raw))
    items = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    ends = [event["response"] for event in events if event["type"] in ENDS]
    error = any(event["type"] == "error" for event in events)
    end = ends[-1] if ends else {}
    answer = read_responses({**end, "output": items or end.get("output")})
    answer.error = answer.error or error
    return answer


def _add_item(answer: Answer, item: dict[str, Any]) -> None:
    match item["type"]:
        case "message":
            for part in item["content"]:
                answer.text += part.get("text", "")
                answer.refusal += part.get("refusal", "")
        case "reasoning":
            answer.reasoning += "".join(part["text"] for part in item.get("content") or item["summary"])
        case "function_call":
            answer.calls.append((item["name"], arguments_of(item["arguments"])))
        case "custom_tool_call":
            answer.calls.append((item["name"], arguments_of(item["input"])))


def responses_usage(usage: dict[str, Any] | None) -> dict[str, int]:
    """Tokens in Claude's terms: input without caches, output with thoughts."""
    if not usage:
        return {}
    details = usage.get("input_tokens_details") or {}
    read, written = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
    return {
        "input": max(usage["input_tokens"] - read - written, 0),
        "cache_read": read,
        "cache_write": written,
        "output": usage["output_tokens"],
    }


def check_response_events(output: bytes) -> None:
    """The lifecycle of an answer and of each of its items; the last event repeats the items."""
    events = list(payloads(output))
    assert list(range(len(events))) == [event["sequence_number"] for event in events]
    assert ["response.created", "response.in_progress"] == [event["type"] for event in events[:2]]
    assert events[-1]["type"] in ENDS
    items: list[dict[str, Any]] = []
    for event in events:
        if event["type"] == "response.output_item.added":
            _check_item([other for other in events if other.get("output_index") == len(items)])
            assert len(items) == event["output_index"]
            items.append(event["item"])
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert [item["id"] for item in items] == [item["id"] for item in done]
    assert len(items) == len({item["id"] for item in items})
    assert events[-1]["response"]["output"] == done


def _check_item(events: list[dict[str, Any]]) -> None:
    """One item from added to done; its deltas say what it says when it is done."""
    item = events[-1]["item"]
    assert "response.output_item.added" == events[0]["type"]
    assert "response.output_item.done" == events[-1]["type"]
    assert {item["id"]} >= {event["item_id"] for event in events if "item_id" in event}
    deltas = "".join(event["delta"] for event in events if isinstance(event.get("delta"), str))
    match item["type"]:
        case "message" | "reasoning":
            parts = item.get("content") or item.get("summary") or ()
            assert deltas == "".join(part.get("text", part.get("refusal")) for part in parts)
        case "function_call":
            assert item["arguments"] == deltas
        case "custom_tool_call":
            assert item["input"] == deltas
