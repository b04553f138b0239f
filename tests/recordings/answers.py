"""Answers as their protocols write them, read by hand: what any conversion has to keep.

These readers share nothing with the mappings, so that the two can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TOOL, END, LENGTH, FILTER = "tool", "end", "length", "filter"
CHAT_STOPS = {"tool_calls": TOOL, "function_call": TOOL, "length": LENGTH, "content_filter": FILTER}
CLAUDE_STOPS = {
    "tool_use": TOOL,
    "max_tokens": LENGTH,
    "model_context_window_exceeded": LENGTH,
    "refusal": FILTER,
}


@dataclass
class Answer:
    """What a reader of an answer learns from it."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    stop: str = END
    usage: dict[str, int] = field(default_factory=dict)
    error: bool = False


def payloads(raw: bytes) -> Iterable[Any]:
    """The JSON documents of a stream of server-sent events."""
    for line in raw.decode().replace("\r\n", "\n").split("\n"):
        data = line[5:].strip() if line.startswith("data:") else ""
        if data and data != "[DONE]":
            yield json.loads(data)


def arguments_of(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


# ---- OpenAI Chat ----------------------------------------------------------------------------------


def read_chat(body: dict[str, Any]) -> Answer:
    choice = body["choices"][0]
    message = choice.get("message") or choice.get("delta") or {}
    answer = Answer()
    _add_chat_words(answer, message)
    for call in message.get("tool_calls") or ():
        said = call["custom"] if call.get("type") == "custom" else call["function"]
        answer.calls.append((said["name"], arguments_of(said.get("arguments", said.get("input")))))
    legacy = message.get("function_call") or {}
    if legacy.get("name"):
        answer.calls.append((legacy["name"], arguments_of(legacy.get("arguments"))))
    answer.stop = _chat_stop(choice.get("finish_reason"), answer)
    answer.usage = chat_usage(_usage_of(body))
    return answer


def read_chat_stream(raw: bytes) -> Answer:
    answer = Answer()
    finish: str | None = None
    calls: list[dict[str, Any]] = []
    for chunk in payloads(raw):
        if chunk.get("error"):
            answer.error = True
        usage = _usage_of(chunk)
        if usage and any(isinstance(value, int) and value for value in usage.values()):
            answer.usage = chat_usage(usage)
        for choice in chunk.get("choices") or ():
            if choice.get("index", 0) != 0:
                continue
            delta = choice.get("delta") or choice.get("message") or {}
            _add_chat_words(answer, delta)
            for piece in delta.get("tool_calls") or ():
                _add_call_piece(calls, piece)
            finish = choice.get("finish_reason") or finish
    answer.calls = [(call["name"], arguments_of(call["arguments"])) for call in calls]
    answer.stop = _chat_stop(finish, answer)
    return answer


def _add_call_piece(calls: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    function = piece.get("function") or {}
    known = [call for call in calls if call["index"] == piece.get("index")]
    starts = not known or (piece.get("id") and piece["id"] != known[-1]["id"])
    if starts:
        calls.append(
            {"index": piece.get("index"), "id": piece.get("id"), "name": function.get("name"), "arguments": ""}
        )
        known = calls
    known[-1]["arguments"] += function.get("arguments") or ""


def _add_chat_words(answer: Answer, message: dict[str, Any]) -> None:
    content = message.get("content")
    if isinstance(content, str):
        answer.text += content
    elif isinstance(content, dict):
        answer.text += json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    for part in content if isinstance(content, list) else ():
        if part["type"] == "thinking":
            answer.reasoning += "".join(piece["text"] for piece in part["thinking"])
        else:
            answer.text += part.get("text", "")
    details = message.get("reasoning_details") or ()
    said = "".join(detail.get("text") or detail.get("summary") or "" for detail in details)
    answer.reasoning += said or message.get("reasoning_content") or message.get("reasoning") or ""
    answer.refusal += message.get("refusal") or ""


def _chat_stop(finish: str | None, answer: Answer) -> str:
    stop = CHAT_STOPS.get(finish or "", END)
    if stop in (END, TOOL):
        return TOOL if answer.calls else END
    return stop


def _usage_of(body: dict[str, Any]) -> dict[str, Any] | None:
    groq = body.get("x_groq") or {}
    breakdown = (body.get("usage_breakdown") or {}).get("models") or [{}]
    usage: dict[str, Any] | None = body.get("usage") or groq.get("usage") or breakdown[0].get("usage")
    return usage


def chat_usage(usage: dict[str, Any] | None) -> dict[str, int]:
    """Tokens in Claude's terms: input without caches, output with thoughts."""
    if not usage:
        return {}
    details = usage.get("prompt_tokens_details") or {}
    prompt, completion = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    read = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or usage.get("num_cached_tokens") or 0
    written = details.get("cache_write_tokens") or usage.get("cache_creation_input_tokens") or 0
    total = usage.get("total_tokens") or 0
    return {
        "input": max(prompt - read - written, 0),
        "cache_read": read,
        "cache_write": written,
        "output": max(completion, total - prompt),
    }


# ---- Claude ---------------------------------------------------------------------------------------


def read_claude(body: dict[str, Any]) -> Answer:
    answer = Answer()
    for block in body["content"]:
        _add_claude_block(answer, block)
    answer.stop = CLAUDE_STOPS.get(body.get("stop_reason") or "", END)
    answer.usage = claude_usage(body.get("usage") or {})
    return answer


def read_claude_stream(raw: bytes) -> Answer:
    blocks: dict[int, dict[str, Any]] = {}
    usage: dict[str, Any] = {}
    answer = Answer()
    for event in payloads(raw):
        match event["type"]:
            case "message_start":
                usage |= known(event["message"].get("usage"))
            case "content_block_start":
                blocks[event["index"]] = {**event["content_block"], "partial": ""}
            case "content_block_delta":
                _grow_claude_block(blocks[event["index"]], event["delta"])
            case "message_delta":
                usage |= known(event.get("usage"))
                answer.stop = CLAUDE_STOPS.get(event["delta"].get("stop_reason") or "", END)
            case "error":
                answer.error = True
    for _, block in sorted(blocks.items()):
        if block["partial"]:
            block["input"] = arguments_of(block["partial"])
        _add_claude_block(answer, block)
    answer.usage = claude_usage(usage)
    return answer


def known(usage: dict[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (usage or {}).items() if value is not None}


def _grow_claude_block(block: dict[str, Any], delta: dict[str, Any]) -> None:
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            block["signature"] = (block.get("signature") or "") + delta["signature"]
        case "input_json_delta":
            block["partial"] += delta["partial_json"]


def _add_claude_block(answer: Answer, block: dict[str, Any]) -> None:
    match block["type"]:
        case "text":
            answer.text += block["text"]
        case "thinking":
            answer.reasoning += block["thinking"]
        case "tool_use":
            answer.calls.append((block["name"], block["input"]))


def claude_usage(usage: dict[str, Any]) -> dict[str, int]:
    return {
        "input": usage.get("input_tokens") or 0,
        "cache_read": usage.get("cache_read_input_tokens") or 0,
        "cache_write": usage.get("cache_creation_input_tokens") or 0,
        "output": usage.get("output_tokens") or 0,
    }


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def whole_claude(raw: bytes) -> dict[str, Any]:
    """A stream put together to the last field; deltas that only some blocks have are listed in their block."""
    message: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    for event in payloads(raw):
        match event["type"]:
            case "message_start":
                message = {**event["message"]}
            case "content_block_start":
                blocks[event["index"]] = {**event["content_block"], "citations": [], "partial": "", "deltas": []}
            case "content_block_delta":
                _grow_whole_block(blocks[event["index"]], event["delta"])
            case "message_delta":
                message |= event["delta"]
                message["usage"] |= known(event.get("usage"))
                message["context_management"] = event.get("context_management")
    for block in blocks.values():
        block["partial"] = arguments_of(block["partial"])
    message["content"] = [block for _, block in sorted(blocks.items())]
    return message


def _grow_whole_block(block: dict[str, Any], delta: dict[str, Any]) -> None:
    match delta["type"]:
        case "citations_delta":
            block["citations"].append(delta["citation"])
        case "compaction_delta":
            block["deltas"].append(delta)
        case _:
            _grow_claude_block(block, delta)
