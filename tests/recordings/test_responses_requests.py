"""Recorded and captured requests to the Responses API, for upstreams of three protocols."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.shapes.validator import BodyValidator
from recordings.traffic import SHARED, recordings

RESPONSES, CHAT, CLAUDE = "openai-responses", "openai-chat", "claude"
CAPTURES = SHARED.parent / "clients" / "captures"
CLIENTS = ("codex*", "qwen_openai-responses", "opencode_fresp", "*_openai_resp_*", "js_ai_responses_*")
STORED = ("previous_response_id", "conversation")
DEFAULTS: dict[str, dict[str, Any]] = {"output_text": {"annotations": []}, "input_image": {"detail": "auto"}}
PLAIN = {"type", "role", "content"}


def captured() -> dict[str, dict[str, Any]]:
    """Requests of real clients that need nothing but themselves."""
    files = [path for client in CLIENTS for path in sorted(CAPTURES.glob(f"{client}/*.json"))]
    return {f"{path.parent.name}/{path.name}": body for path in files if (body := _request(path))}


def _request(path: Path) -> dict[str, Any] | None:
    said = json.loads(path.read_bytes())
    body = said.get("body")
    return body if said["path"].endswith("/responses") and isinstance(body, dict) else None


def recorded() -> dict[str, dict[str, Any]]:
    return {r.name: r.request for r in recordings(RESPONSES) if r.request and "compact" not in r.name}


ALL = {name: body for name, body in (captured() | recorded()).items() if not any(body.get(field) for field in STORED)}

pytestmark = pytest.mark.skipif(not ALL, reason="no traffic beside the project")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("target", [RESPONSES, CHAT, CLAUDE])
@pytest.mark.parametrize("body", ALL.values(), ids=ALL.keys())
def test_it_is_a_good_request(engine: Engine, body: dict[str, Any], target: str) -> None:
    request = engine.request(deepcopy(body), source=RESPONSES, target=target)

    assert BodyValidator(f"wire/{target}/request").problem(request) is None


@pytest.mark.parametrize("target", [RESPONSES, CHAT, CLAUDE])
@pytest.mark.parametrize("body", ALL.values(), ids=ALL.keys())
def test_nothing_that_was_said_is_lost(engine: Engine, body: dict[str, Any], target: str) -> None:
    request = json.dumps(engine.request(deepcopy(body), source=RESPONSES, target=target), ensure_ascii=False)

    assert [] == [text for text in texts(body) if json.dumps(text, ensure_ascii=False)[1:-1] not in request]
    assert [] == [name for name in tool_names(body) if f'{name}"' not in request]


@pytest.mark.parametrize("body", ALL.values(), ids=ALL.keys())
def test_its_items_stay_for_their_own_protocol(engine: Engine, body: dict[str, Any]) -> None:
    request = engine.request(deepcopy(body), source=RESPONSES, target=RESPONSES)

    assert without_instructions(items(body)) == without_instructions(items(request))


def texts(body: dict[str, Any]) -> list[str]:
    """The words of messages and outputs, and the media in them."""
    said = [body.get("instructions") or ""]
    for item in items(body):
        content = item.get("content") if item.get("type") == "message" else item.get("output")
        parts = content if isinstance(content, list) else [{"text": content}]
        said += [part.get("text") or part.get("image_url", "").partition(",")[2] or "" for part in parts]
    return [text for text in said if isinstance(text, str) and text.strip()]


def tool_names(body: dict[str, Any]) -> list[str]:
    """The tools that the model may call."""
    tools = [*(body.get("tools") or ()), *(tool for item in items(body) for tool in item.get("tools") or ())]
    inner = [tool for space in tools if space.get("type") == "namespace" for tool in space["tools"]]
    choice = body.get("tool_choice")
    allowed = choice["tools"] if isinstance(choice, dict) and "tools" in choice else [*tools, *inner]
    return [tool["name"] for tool in allowed if tool.get("type") in ("function", "custom")]


def items(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Input items in one spelling."""
    said = body.get("input") or ()
    listed = [{"role": "user", "content": said}] if isinstance(said, str) else said
    return [one_spelling(item) for item in listed]


def one_spelling(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what means nothing: empty fields, blanks in arguments, and the short form of a text."""
    item = {name: value for name, value in item.items() if value is not None}
    item.setdefault("type", "message")
    if item["type"] == "message":
        kind = "output_text" if item["role"] == "assistant" else "input_text"
        content = item["content"] if isinstance(item["content"], list) else [{"type": kind, "text": item["content"]}]
        item |= {"content": [one_part(part) for part in content]}
    if item.get("arguments") and isinstance(item["arguments"], str):
        item["arguments"] = json.loads(item["arguments"])
    return item


def one_part(part: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = DEFAULTS.get(part["type"], {})
    return {**defaults, **{name: value for name, value in part.items() if name != "logprobs"}}


def without_instructions(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The conversation behind its leading instructions; neighbours that nothing tells apart are one message."""
    while listed and listed[0].get("role") in ("developer", "system") and listed[0]["type"] == "message":
        listed = listed[1:]
    joined: list[dict[str, Any]] = []
    for item in listed:
        if joined and all(each.keys() == PLAIN and each["role"] == "user" for each in (item, joined[-1])):
            joined[-1] = {**item, "content": [*joined[-1]["content"], *item["content"]]}
        else:
            joined.append(item)
    return joined
