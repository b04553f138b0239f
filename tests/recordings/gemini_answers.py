"""Gemini's answers, read by hand; what its streams must look like."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from recordings.answers import END, FILTER, LENGTH, TOOL, Answer, payloads

STOPS = {"MAX_TOKENS": LENGTH, "2": LENGTH, "STOP": END, "1": END}
BROKEN = ("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL")


def gemini_chunks(raw: bytes) -> Iterable[Any]:
    """The chunks of a stream in either framing."""
    return json.loads(raw) if raw.lstrip().startswith(b"[") else payloads(raw)


def read_gemini(body: dict[str, Any]) -> Answer:
    return read_chunks([body])


def read_gemini_stream(raw: bytes) -> Answer:
    return read_chunks(gemini_chunks(raw))


def read_chunks(chunks: Iterable[dict[str, Any]]) -> Answer:
    answer = Answer()
    finish = ""
    growing: dict[str, Any] | None = None
    for chunk in chunks:
        answer.error = answer.error or "error" in chunk
        if (chunk.get("promptFeedback") or {}).get("blockReason"):
            finish = "SAFETY"
        counts = chunk.get("usageMetadata") or {}
        if "promptTokenCount" in counts or "candidatesTokenCount" in counts:
            answer.usage = gemini_usage(counts)
        for candidate in (chunk.get("candidates") or [])[:1]:
            finish = str(candidate.get("finishReason") or finish)
            parts = (candidate.get("content") or {}).get("parts") or []
            if finish in BROKEN and not any(part.get("text") or "functionCall" in part for part in parts):
                answer.text += candidate.get("finishMessage") or ""
            for part in parts:
                growing = _add_part(answer, part, growing)
    answer.stop = END if finish in BROKEN else STOPS.get(finish, FILTER) if finish else END
    if answer.stop == END and answer.calls:
        answer.stop = TOOL
    return answer


def _add_part(answer: Answer, part: dict[str, Any], growing: dict[str, Any] | None) -> dict[str, Any] | None:
    """Add one part; returns the call that later parts continue."""
    if "functionCall" not in part:
        text = part.get("text") or ""
        if part.get("thought"):
            answer.reasoning += text
        else:
            answer.text += text
        return growing
    call = part["functionCall"]
    if call.get("name"):
        growing = dict(call.get("args") or {})
        answer.calls.append((call["name"], growing))
    for piece in call.get("partialArgs") or ():
        assert growing is not None
        _assign(growing, piece)
    return growing


def _assign(arguments: Any, piece: dict[str, Any]) -> None:
    """Paths of the recordings: `$.a`, and `$.a[0].b`."""
    steps: list[str | int] = []
    for name in piece["jsonPath"].removeprefix("$.").split("."):
        word, _, index = name.rstrip("]").partition("[")
        steps += [word, *([int(index)] if index else [])]
    value = next((piece[kind] for kind in ("stringValue", "numberValue", "boolValue") if kind in piece), None)
    for step, following in pairwise(steps):
        arguments = _inside(arguments, step, [] if isinstance(following, int) else {})
    last = steps[-1]
    old = arguments.get(last) if isinstance(arguments, dict) else None
    arguments[last] = old + value if isinstance(old, str) and isinstance(value, str) else value


def _inside(place: Any, step: str | int, empty: Any) -> Any:
    if isinstance(place, list):
        assert isinstance(step, int)
        if step == len(place):
            place.append(empty)
        return place[step]
    return place.setdefault(step, empty)


def gemini_usage(counts: dict[str, Any]) -> dict[str, int]:
    """Tokens in Claude's terms: input without caches, output with thoughts."""
    read = counts.get("cachedContentTokenCount") or 0
    prompt = (counts.get("promptTokenCount") or 0) + (counts.get("toolUsePromptTokenCount") or 0)
    return {
        "input": prompt - read,
        "cache_read": read,
        "cache_write": 0,
        "output": (counts.get("candidatesTokenCount") or 0) + (counts.get("thoughtsTokenCount") or 0),
    }


def check_gemini_chunks(output: bytes) -> None:
    """Each chunk has content that Google's chat classes accept, and the last one says why it ended."""
    chunks = list(payloads(output))
    whole = [chunk for chunk in chunks if "error" not in chunk]
    for chunk in whole:
        for candidate in chunk.get("candidates") or ():
            assert candidate["content"]["role"] == "model"
            assert all(candidate["content"]["parts"])
    assert len({(chunk["responseId"], chunk["modelVersion"]) for chunk in whole}) <= 1
    ends = [c["finishReason"] for chunk in whole for c in chunk.get("candidates") or () if "finishReason" in c]
    assert len(ends) == 1 or "error" in chunks[-1] or "promptFeedback" in chunks[-1]
