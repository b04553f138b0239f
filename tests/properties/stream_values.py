"""Streams of valid events: in the order that a provider keeps, and in any order."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ccproxy.mapping.protocol import Protocol
from ccproxy.shapes.schemas import load_schema
from properties.schema_values import Draw, Schema, Source, source_of

Event = dict[str, Any]

COUNTS = st.integers(0, 4)
# The kind of item to which an event belongs.
ITEMS = {
    "content_part": "message",
    "refusal": "message",
    "reasoning_summary_text": "reasoning",
    "function_call_arguments": "function_call",
    "custom_tool_call_input": "custom_tool_call",
}
SIZES = st.sampled_from([1, 7, 60, 400, 100_000])
# How providers order their events: what comes first, what one block consists of (`*`: several times), what comes last.
ORDERS: dict[str, tuple[list[str], list[list[str]], list[str]]] = {
    "claude": (
        ["message_start"],
        [["content_block_start", "content_block_delta*", "content_block_stop"], ["ping"]],
        ["message_delta", "message_stop"],
    ),
    "cohere": (
        ["message-start"],
        [
            ["content-start", "content-delta*", "content-end"],
            ["tool-plan-delta"],
            ["tool-call-start", "tool-call-delta*", "tool-call-end"],
            ["citation-start", "citation-end"],
        ],
        ["message-end"],
    ),
    "openai-responses": (
        ["response.created", "response.in_progress"],
        [
            [f"response.{name}" for name in ("output_item.added", *names, "output_item.done")]
            for names in (
                ["content_part.added", "output_text.delta*", "output_text.done"],
                ["refusal.delta*", "refusal.done"],
                ["reasoning_summary_text.delta*", "reasoning_summary_text.done"],
                ["function_call_arguments.delta*", "function_call_arguments.done"],
                ["custom_tool_call_input.delta*"],
                [],
            )
        ],
        ["response.completed"],
    ),
}  # fmt: skip


def streams(protocol: str, *, ordered: bool) -> st.SearchStrategy[list[Event]]:
    """Events that a provider's stream may consist of."""
    if not ordered:
        return st.lists(any_events(protocol), max_size=8)
    return blocks_in_order(protocol) if protocol in ORDERS else chunks_in_order(protocol)


@st.composite
def any_events(draw: Draw, protocol: str) -> Event:
    source, schema = _schema(protocol)
    return _opened(source.value(draw, schema))


@st.composite
def chunks_in_order(draw: Draw, protocol: str) -> list[Event]:
    """Chunks of one kind; those before the last name no reason to stop."""
    source, schema = _schema(protocol)
    chunks: list[Event] = [source.value(draw, schema) for _ in range(1 + draw(COUNTS))]
    for chunk in chunks[:-1]:
        _go_on(chunk)
    if "done" in schema["properties"]:
        chunks[-1]["done"] = True
    return chunks


def _go_on(chunk: Event) -> None:
    if "done" in chunk:
        chunk["done"] = False
    for answer in [*(chunk.get("choices") or ()), *(chunk.get("candidates") or ())]:
        for name in ("finish_reason", "finishReason"):
            if name in answer:
                answer[name] = None


@st.composite
def blocks_in_order(draw: Draw, protocol: str) -> list[Event]:
    """One block after another, each with its number."""
    first, kinds, last = ORDERS[protocol]
    events = [_event(draw, protocol, name) for name in first]
    for index in range(draw(COUNTS)):
        kind = draw(st.sampled_from(kinds))
        names = [name.rstrip("*") for name in kind for _ in range(draw(COUNTS) if name.endswith("*") else 1)]
        block = [_event(draw, protocol, name) for name in names]
        _number(block, index, _item(draw, protocol, names))
        events += block
    return events + [_event(draw, protocol, name) for name in last]


def _number(block: list[Event], index: int, item: Event | None) -> None:
    """Give the events of a block one number, and one item."""
    for event in block:
        event.update({name: index for name in ("index", "output_index") if name in event})
        event.update({name: f"item_{index}" for name in ("item_id",) if name in event})
        if "item" in event and item is not None:
            event["item"] = {**item, "id": f"item_{index}"}


def _item(draw: Draw, protocol: str, names: list[str]) -> Event | None:
    """The item that a block of events is about, of the kind that they tell."""
    owner = next((event for event in (_events(protocol)[name] for name in names) if "item" in _fields(event)), None)
    if owner is None:
        return None
    source, _ = owner
    kind = next((ITEMS[word] for name in names for word in ITEMS if f".{word}." in name), None)
    branches = source.followed(_fields(owner)["item"])["anyOf"]
    fitting = [b for b in branches if kind is None or kind in _names(source.followed(b))]
    item: Event = source.value(draw, draw(st.sampled_from(fitting)))
    return item


def _fields(event: tuple[Source, Schema]) -> dict[str, Schema]:
    source, branch = event
    fields: dict[str, Schema] = source.followed(branch).get("properties", {})
    return fields


def _event(draw: Draw, protocol: str, name: str) -> Event:
    source, schema = _events(protocol)[name]
    return _opened(source.value(draw, schema))


def _opened(event: Event) -> Event:
    """The event as providers send it: the head of an answer has no content yet."""
    if event.get("type") == "message_start":
        event["message"]["content"] = []
    return event


@cache
def _events(protocol: str) -> dict[str, tuple[Source, Schema]]:
    source, schema = _schema(protocol)
    return {name: (source, branch) for branch in schema["anyOf"] for name in _names(source.followed(branch))}


def _names(branch: Schema) -> list[str]:
    said = branch["properties"]["type"]
    return said["enum"] if "enum" in said else [said["const"]]


def _schema(protocol: str) -> tuple[Source, Schema]:
    name = f"wire/{protocol}/stream"
    return source_of(name), load_schema(name)


def encoded(events: list[Event], protocol: Protocol) -> bytes:
    """The events as the provider sends them."""
    facts = protocol.stream
    texts = [json.dumps(event) for event in events]
    if facts.framing == "ndjson":
        return "".join(f"{text}\n" for text in texts).encode()
    names = [f"event: {event[facts.event_name]}\n" if facts.event_name in event else "" for event in events]
    lines = [f"{name}data: {text}\n\n" for name, text in zip(names, texts, strict=True)]
    return "".join([*lines, f"data: {facts.end}\n\n" if facts.end else ""]).encode()
