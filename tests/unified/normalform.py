"""Judges requests: whether they are in the normal form that a target's rules demand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ccproxy.unified.normal_rules import NormalRules

JsonDict = dict[str, Any]


def problems_of(request: JsonDict, rules: NormalRules) -> list[str]:
    """What keeps a request from being in normal form."""
    return [
        *_turn_problems(request["messages"], rules),
        *_pair_problems(request["messages"], rules, _has_history(request, rules)),
        *_block_problems(request, rules),
        *_tool_problems(request, rules),
    ]


def _turn_problems(messages: list[JsonDict], rules: NormalRules) -> Iterator[str]:
    roles = [message["role"] for message in messages]
    told_apart = [(message["role"], message.get("extra"), message.get("name")) for message in messages]
    if any(here == there for here, there in itertools.pairwise(told_apart)):
        yield f"neighbours of equal role: {roles}"
    if any(not message["content"] for message in messages):
        yield "empty message"
    if rules.first_role == "user" and (not roles or roles[0] != "user"):
        yield f"the first role is {roles[:1]}"
    if roles and roles[0] == "system":
        yield "leading system message"
    if rules.inline_system == "user" and "system" in roles:
        yield "system message that the target does not know"


def _has_history(request: JsonDict, rules: NormalRules) -> bool:
    own = request.get("extra", {}).get(rules.protocol, {})
    return any(own.get(name) for name in rules.history_fields)


def _pair_problems(messages: list[JsonDict], rules: NormalRules, has_history: bool) -> Iterator[str]:
    calls: list[JsonDict] = []
    for index, message in enumerate(messages):
        results = [block for block in message["content"] if block["type"] == "tool_result"]
        found = [block for block in message["content"] if block["type"] == "tool_call"]
        if message["role"] == "assistant":
            calls += found
            if results:
                yield f"results in assistant message {index}"
            continue
        if found:
            yield f"calls in {message['role']} message {index}"
        expected = [(call["id"], call["name"]) for call in calls]
        found_results = [(block["id"], block.get("name")) for block in results]
        if found_results[: len(expected)] != expected or (len(results) > len(calls) and not has_history):
            yield f"message {index} does not answer {expected}"
        if results != message["content"][: len(results)]:
            yield f"message {index} has something before its results"
        calls = []
    if calls and rules.trailing_calls == "answer":
        yield "calls at the end without results"
    ids = [b["id"] for message in messages for b in message["content"] if b["type"] == "tool_call"]
    if len(ids) != len(set(ids)) or not all(rules.call_id.is_legal(call_id) for call_id in ids):
        yield f"ids {ids}"


def _block_problems(request: JsonDict, rules: NormalRules) -> Iterator[str]:
    contents = [request.get("system", []), *(message["content"] for message in request["messages"])]
    for block in (block for content in contents for block in content):
        text = block["text"] if block["type"] == "text" else "-"
        if not (text if rules.blank_text == "keep" else text.strip()) and "signature" not in block:
            yield "empty text"
        if block["type"] == "tool_call" and not rules.tool_name.is_legal(block["name"]):
            yield f"call of {block['name']!r}"
        if block["type"] == "native" and block["protocol"] not in rules.known_protocols:
            yield f"native block of {block['protocol']}"
        if ("signature" in block or "encrypted" in block) and block.get("origin") != rules.protocol:
            yield "foreign signature or encrypted thoughts"


def _tool_problems(request: JsonDict, rules: NormalRules) -> Iterator[str]:
    if request.get("tools") == []:
        yield "empty tools"
    tools = [tool for tool in request.get("tools", []) if tool["type"] != "native"]
    names = [(tool.get("namespace"), tool["name"]) for tool in tools]
    if len(names) != len(set(names)) or not all(rules.tool_name.is_legal(name) for _, name in names):
        yield f"tool names {names}"
    choice = request.get("tool_choice", {})
    if choice and "tools" not in request:
        yield "tool_choice without tools"
    known = {tool.get("name") for tool in request.get("tools", [])}
    if {*choice.get("allowed", ()), *([choice["name"]] if "name" in choice else [])} - known:
        yield f"tool_choice {choice}"
