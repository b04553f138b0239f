"""Judges event streams of the unified format: order, indices, one open block, deltas that add up to their block."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

JsonDict = dict[str, Any]

DELTA_KINDS = {
    "text": {"text", "citation", "signature"},
    "refusal": {"refusal"},
    "reasoning": {"reasoning", "signature"},
    "tool_call": {"arguments", "signature"},
    "native": {"native", "arguments"},
}


def problems_of(events: Iterable[JsonDict]) -> list[str]:
    """What is wrong with a finished stream; nothing for a well-formed one."""
    told = [event for event in events if event["type"] != "ping"]
    return [*_frame_problems(told), *_block_problems(told)]


def _frame_problems(events: list[JsonDict]) -> Iterator[str]:
    kinds = [event["type"] for event in events]
    if kinds == ["error"]:
        return
    if not kinds or kinds[0] != "message_start":
        yield f"the first event is {kinds[0] if kinds else 'missing'}"
    if kinds.count("message_start") > 1:
        yield "message_start twice"
    if not kinds or kinds[-1] not in ("message_stop", "error"):
        yield f"the last event is {kinds[-1] if kinds else 'missing'}"
    if kinds.count("message_stop") + kinds.count("error") > 1:
        yield "the stream ends twice"


def _block_problems(events: list[JsonDict]) -> Iterator[str]:
    opened: JsonDict | None = None
    deltas: list[JsonDict] = []
    blocks: list[JsonDict] = []
    calls = 0
    for event in events:
        match event["type"]:
            case "block_start":
                if opened is not None:
                    yield f"block {event['index']} opens inside block {opened['index']}"
                if event["index"] != len(blocks):
                    yield f"block {event['index']} opens where {len(blocks)} is due"
                if event.get("tool_index") != (calls if event["block"]["type"] == "tool_call" else None):
                    yield f"block {event['index']} has tool_index {event.get('tool_index')}"
                opened, deltas = event, []
                calls += event["block"]["type"] == "tool_call"
            case "block_delta" | "block_stop" if opened is None:
                yield f"{event['type']} {event['index']} outside of a block"
            case "block_delta" | "block_stop" if opened and not _same_place(event, opened):
                yield f"{event['type']} of block {event['index']} inside block {opened['index']}"
            case "block_delta":
                deltas.append(event)
            case "block_stop":
                yield from _sum_problems(opened["block"], deltas, event["block"])
                blocks.append(event["block"])
                opened = None
            case "message_stop" if event["message"]["content"] != blocks:
                yield "the message does not consist of the blocks"
    if opened is not None:
        yield f"block {opened['index']} is never closed"


def _same_place(event: JsonDict, opened: JsonDict) -> bool:
    return (event["index"], event.get("tool_index")) == (opened["index"], opened.get("tool_index"))


def _sum_problems(head: JsonDict, deltas: list[JsonDict], block: JsonDict) -> Iterator[str]:
    kind = head["type"]
    wrong = {delta["kind"] for delta in deltas} - DELTA_KINDS.get(kind, set())
    if wrong:
        yield f"{kind} block with deltas of kind {sorted(wrong)}"
    if any(delta.get("text") == "" for delta in deltas):
        yield f"{kind} block with an empty delta"
    if block["type"] != kind:
        yield f"{kind} block ends as {block['type']}"
    for name, said in _told(block, deltas).items():
        if block.get(name, "") != said:
            yield f"deltas say {name} {said!r}, the {kind} block has {block.get(name)!r}"


def _told(block: JsonDict, deltas: list[JsonDict]) -> JsonDict:
    """The fields of a block as its deltas tell them."""
    kind = block["type"]
    pieces = {name: "".join(d["text"] for d in deltas if d["kind"] == name) for name in ("arguments", "signature")}
    told: JsonDict = {"signature": pieces["signature"]} if pieces["signature"] else {}
    if kind in ("text", "refusal", "reasoning"):
        text = "".join(delta["text"] for delta in deltas if delta["kind"] == kind)
        citations = [delta["value"] for delta in deltas if delta["kind"] == "citation"]
        return {**told, "text": text, **({"citations": citations} if citations else {})}
    if kind == "tool_call":
        text = pieces["arguments"]
        return {**told, "arguments": text if block.get("kind") == "custom" else _arguments(text)}
    return told


def _arguments(text: str) -> Any:
    """What a client makes of the arguments it got; the engine must say so too, even of no arguments."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, dict) else text
