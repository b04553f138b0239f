"""Recorded and captured traffic that lies outside the project; tests that need it skip when it is absent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from ccproxy.jsontypes import Json, JsonObject

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
RECORDINGS = SHARED / "recordings"
CAPTURES = SHARED / "clients" / "captures"

needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside the checkout")
needs_captures = pytest.mark.skipif(not CAPTURES.is_dir(), reason="no captures beside the checkout")

BOTH_SPELLINGS = ("wire/gemini/request",)
PROTOCOLS = ("openai-chat", "openai-responses", "claude", "gemini", "ollama")
OTHER_OPERATIONS = re.compile(
    r"count_tokens|countTokens|input_tokens|/compact|/api/(show|tags|generate|embed)|/models$"
)
OPERATIONS = (
    (re.compile(r"/v1/chat/completions$"), "wire/openai-chat/request"),
    (re.compile(r"/v1/responses$"), "wire/openai-responses/request"),
    (re.compile(r"/v1/messages$"), "wire/claude/request"),
    (re.compile(r":(streamG|g)enerateContent$"), "wire/gemini/request"),
    (re.compile(r"/api/chat$"), "wire/ollama/request"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """One JSON document of the traffic and the schema that describes it."""

    name: str
    schema: str
    body: Json


@cache
def recorded(protocol: str, kind: str) -> tuple[Message, ...]:
    """Return the requests, responses, stream events or errors recorded of a protocol."""
    return tuple(_recorded(protocol, kind)) if RECORDINGS.is_dir() else ()


def _recorded(protocol: str, kind: str) -> Iterator[Message]:
    for path in sorted((RECORDINGS / ("errors" if kind == "error" else protocol)).glob("*/*.json")):
        exchange = json.loads(path.read_text(encoding="utf-8"))
        if exchange["wire_protocol"] != protocol or _is_other_operation(exchange["request"]["path"]):
            continue
        for body in _bodies(exchange, kind):
            yield _message(f"{path.parent.name}/{path.name}", f"wire/{protocol}/{kind}", body)


def _is_other_operation(path: str) -> bool:
    return bool(OTHER_OPERATIONS.search(path))


def _bodies(exchange: JsonObject, kind: str) -> Iterator[Json]:
    request, response = cast(JsonObject, exchange["request"]), cast(JsonObject, exchange["response"])
    if kind == "request" and request["body"] is not None:
        yield request["body"]
    if kind in ("response", "error") and response.get("body") is not None:
        body = response["body"]
        is_error = isinstance(body, dict) and "error" in body and "choices" not in body
        if kind == "error" or exchange["protocol"] == "openai-responses" or not is_error:
            yield body
    if kind == "stream" and isinstance(response.get("raw"), str):
        yield from stream_documents(cast(str, response["raw"]))


def stream_documents(raw: str) -> Iterator[Json]:
    """Yield the JSON documents of a recorded stream: SSE, one JSON array, or lines."""
    raw = raw.strip()
    if raw.startswith("["):
        yield from json.loads(raw)
    elif raw.startswith("{"):
        yield from (json.loads(line) for line in raw.splitlines() if line.strip())
    else:
        for line in raw.splitlines():
            if line.startswith("data:") and "[DONE]" not in line[:16] and line[5:].strip():
                yield json.loads(line[5:])


def camel_case(body: Json) -> Json:
    """Return the body with the field names in camel case, as servers that take both spellings read it."""
    if isinstance(body, list):
        return [camel_case(item) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        re.sub(r"(?<=[a-z])_([a-z])", lambda m: m[1].upper(), key): camel_case(value) for key, value in body.items()
    }


def _message(name: str, schema: str, body: Json) -> Message:
    return Message(name, schema, camel_case(body) if schema in BOTH_SPELLINGS else body)


@cache
def captured_requests() -> tuple[Message, ...]:
    """Return the bodies that real clients sent, with the schema of the operation they asked for."""
    return tuple(_captured()) if CAPTURES.is_dir() else ()


def _captured() -> Iterator[Message]:
    for path in sorted(CAPTURES.glob("*/*.json")):
        request = json.loads(path.read_text(encoding="utf-8"))
        target = str(request.get("path", "")).split("?")[0]
        for pattern, schema in OPERATIONS:
            if request.get("method") == "POST" and pattern.search(target) and isinstance(request.get("body"), dict):
                yield _message(f"{path.parent.name}/{path.name}", schema, request["body"])
