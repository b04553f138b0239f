"""Ollama's answers, read by hand; what its streams must look like."""

from __future__ import annotations

import json
from typing import Any

from recordings.answers import END, LENGTH, TOOL, Answer


def lines_of(raw: bytes) -> list[Any]:
    return [json.loads(line) for line in raw.split(b"\n") if line.strip()]


def read_ollama(body: dict[str, Any]) -> Answer:
    return read_lines([body])


def read_ollama_stream(raw: bytes) -> Answer:
    return read_lines(lines_of(raw))


def read_lines(lines: list[dict[str, Any]]) -> Answer:
    answer = Answer()
    reason = ""
    for line in lines:
        answer.error = answer.error or bool(line.get("error"))
        message = line.get("message") or line
        answer.text += message.get("content") or message.get("response") or ""
        answer.reasoning += message.get("thinking") or ""
        for call in message.get("tool_calls") or ():
            answer.calls.append((call["function"]["name"], call["function"]["arguments"]))
        if line.get("done"):
            reason = line.get("done_reason") or ""
            answer.usage = ollama_usage(line)
    answer.stop = LENGTH if reason == "length" else TOOL if answer.calls else END
    return answer


def ollama_usage(line: dict[str, Any]) -> dict[str, int]:
    return {
        "input": line.get("prompt_eval_count") or 0,
        "cache_read": 0,
        "cache_write": 0,
        "output": line.get("eval_count") or 0,
    }


def check_ollama_lines(output: bytes) -> None:
    """Every line has what Ollama's client demands, and one line, the last, is the end."""
    lines = lines_of(output)
    said = [line for line in lines if "error" not in line]
    for line in said:
        assert {"model", "created_at", "message", "done"} <= line.keys()
        assert line["message"]["role"] == "assistant"
        assert isinstance(line["message"]["content"], str)
        for call in line["message"].get("tool_calls", ()):
            assert isinstance(call["function"]["arguments"], dict)
    assert [line["done"] for line in said] == [False] * (len(said) - 1) + [True] or "error" in lines[-1]
