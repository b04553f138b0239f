"""Microseconds of the unified format's hot paths: `python tests/bench/unified_paths.py`."""

from __future__ import annotations

import copy
from timeit import repeat
from typing import Any

from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.normal_form import normalise_request
from ccproxy.unified.normal_rules import NormalRules
from ccproxy.unified.sequencer import Sequencer

ROUNDS = 7


def agentic_request() -> dict[str, Any]:
    """41 messages, 25 tools and 102 blocks, as a coding agent sends them after twenty turns."""
    tools = [{"type": "function", "name": f"tool_{n}", "parameters": {"type": "object"}} for n in range(25)]
    messages: list[dict[str, Any]] = [{"role": "user", "content": [text("hello " * 20), text("x")]}]
    for turn in range(20):
        ids = [f"toolu_01ABCDEFGHIJKLMN{turn:02}{n}" for n in range(1 + turn % 2)]
        calls = [{"type": "tool_call", "id": i, "name": f"tool_{turn}", "arguments": {"path": "/x"}} for i in ids]
        results = [{"type": "tool_result", "id": i, "content": [text("result " * 100)]} for i in ids]
        messages += [
            {"role": "assistant", "content": [text("ok"), *calls]},
            {"role": "user", "content": [*results, text("on")]},
        ]
    return {"system": [text("sys")], "messages": messages, "tools": tools, "tool_choice": {"mode": "auto"}}


def with_thoughts(request: dict[str, Any], origin: str) -> dict[str, Any]:
    for message in request["messages"]:
        if message["role"] == "assistant":
            message["content"].insert(0, {"type": "reasoning", "text": "hm", "signature": "s" * 400, "origin": origin})
    return request


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def best(statement: Any, number: int) -> float:
    return min(repeat(statement, number=number, repeat=ROUNDS)) / number * 1e6


def measure_requests() -> None:
    rules = NormalRules("target", inline_system="user", first_role="user")
    normal = normalise_request(agentic_request(), rules).request
    print(f"a request in normal form          {best(lambda: normalise_request(normal, rules), 300):8.1f} µs")
    requests = {
        "a fresh request": agentic_request(),
        "with thoughts of the target": with_thoughts(agentic_request(), "target"),
        "with thoughts of another model": with_thoughts(agentic_request(), "other"),
    }
    for name, request in requests.items():
        copies = iter([copy.deepcopy(request) for _ in range(60 * ROUNDS)])
        print(f"{name:34}{best(lambda: normalise_request(next(copies), rules), 60):8.1f} µs")  # noqa: B023


def measure_streams() -> None:
    def emit(event: object) -> None:
        pass

    sequencer = Sequencer(emit, SequencerOptions("id", "model", 1, lambda prefix: prefix))
    floor = best(lambda: emit({"type": "block_delta", "index": 0, "kind": "text", "text": "abc"}), 100_000)
    sequencer.text("a")
    plain = best(lambda: sequencer.text("abc"), 100_000)
    sequencer.text({"key": 0, "text": "a"})
    piece: Any = {"key": 0, "text": "abc"}
    keyed = best(lambda: sequencer.text(piece), 100_000)
    sequencer.tool_call({"key": 1, "id": "c", "name": "f", "arguments": ""})
    more: Any = {"key": 1, "arguments": "abc"}
    arguments = best(lambda: sequencer.tool_call(more), 100_000)
    print(f"emit alone                        {floor:8.2f} µs")
    for name, time in {"text": plain, "text with a key": keyed, "arguments": arguments}.items():
        print(f"{name:34}{time - floor:8.2f} µs beyond emit")


if __name__ == "__main__":
    measure_requests()
    measure_streams()
