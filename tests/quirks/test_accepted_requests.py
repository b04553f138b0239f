"""Requests that providers accepted survive their quirks: nothing said is lost, and nothing reported as lost.

Each recorded request is converted from its protocol to the same protocol twice, for its own backend and for one of
which nothing is known. What differs is the work of the quirks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ccproxy.conversion.backend import Backend
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.exchange import Exchange
from recordings.gemini_ollama_requests import read_gemini_request, read_ollama_request
from recordings.requests import Conversation, read_chat_request, read_claude_request
from recordings.traffic import SHARED, recordings

HOSTS = {
    "openai": "api.openai.com", "azure": "resource.openai.azure.com", "deepseek": "api.deepseek.com",
    "groq": "api.groq.com", "alibaba": "dashscope-intl.aliyuncs.com", "mistral": "api.mistral.ai",
    "openrouter": "openrouter.ai", "xai": "api.x.ai", "together": "api.together.xyz", "zai": "api.z.ai",
    "cerebras": "api.cerebras.ai", "perplexity": "api.perplexity.ai", "huggingface": "router.huggingface.co",
    "github-copilot": "api.githubcopilot.com", "anthropic": "api.anthropic.com",
    "google": "generativelanguage.googleapis.com", "vertex": "us-central1-aiplatform.googleapis.com",
    "ollama-cloud": "ollama.com", "chatgpt-codex": "chatgpt.com", "vercel-gateway": "ai-gateway.vercel.sh",
}  # fmt: skip
READERS: dict[str, Callable[[dict[str, Any]], Conversation]] = {
    "openai-chat": read_chat_request,
    "claude": read_claude_request,
    "gemini": read_gemini_request,
    "ollama": read_ollama_request,
}

# Fields that quirks say in other words, or say of their own accord
REWORDED = {
    "max_tokens", "max_completion_tokens", "reasoning_effort", "thinking", "reasoning", "enable_thinking",
    "thinking_budget", "chat_template_kwargs", "reasoning_split", "reasoning_format", "think", "output_config",
    "output_format", "stream_options", "instructions", "store", "user",
}  # fmt: skip


def accepted() -> dict[str, tuple[str, dict[str, Any], Backend]]:
    """Recorded requests that were answered, with the backend that answered them."""
    found = {}
    for protocol in ("openai-chat", "openai-responses", "claude", "gemini", "ollama"):
        for recording in recordings(protocol):
            if recording.request and recording.status == 200 and "compact" not in recording.name:
                found[recording.name] = (protocol, recording.request, _backend(protocol, recording.name))
    return {name: case for name, case in found.items() if _is_conversation(case[1])}


def _is_conversation(body: dict[str, Any]) -> bool:
    return any(body.get(field) for field in ("messages", "input", "contents"))


def _backend(protocol: str, name: str) -> Backend:
    said = json.loads((SHARED / name).read_bytes())
    provider = Path(name).parts[1]
    host = said["request"].get("host") or HOSTS.get(provider, "")
    model = str((said["request"].get("body") or {}).get("model") or said.get("model") or "")
    return Backend(protocol, model.removeprefix("models/"), provider, host.partition(":")[0])


ACCEPTED = accepted()

pytestmark = pytest.mark.skipif(not ACCEPTED, reason="no recordings beside the project")
every_request = pytest.mark.parametrize(("protocol", "body", "backend"), ACCEPTED.values(), ids=ACCEPTED.keys())


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def _sent(engine: Engine, protocol: str, body: dict[str, Any], backend: Backend) -> Exchange:
    return engine.open(protocol, protocol, deepcopy(body), model=backend.model, backend=backend)


@every_request
def test_its_quirks_lose_nothing(engine: Engine, protocol: str, body: dict[str, Any], backend: Backend) -> None:
    plain = _sent(engine, protocol, body, Backend(protocol))
    quirked = _sent(engine, protocol, body, backend)

    assert [name for name in quirked.dropped if name not in plain.dropped] == []
    assert set() == plain.upstream_request.keys() - quirked.upstream_request.keys() - REWORDED


@every_request
def test_its_quirks_leave_settings_alone(engine: Engine, protocol: str, body: dict[str, Any], backend: Backend) -> None:
    plain = _sent(engine, protocol, body, Backend(protocol)).upstream_request
    quirked = _sent(engine, protocol, body, backend).upstream_request

    assert _settings(plain) == _settings(quirked)


@every_request
def test_its_quirks_leave_the_conversation_alone(
    engine: Engine, protocol: str, body: dict[str, Any], backend: Backend
) -> None:
    read = READERS.get(protocol, _input)
    plain = _sent(engine, protocol, body, Backend(protocol)).upstream_request
    quirked = _sent(engine, protocol, body, backend).upstream_request

    assert _said(read, plain) == _said(read, quirked)


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    """Settings that mean the same everywhere; which of two fields holds Gemini's schema depends on the model."""
    fields = ("stream", "temperature", "top_p", "tool_choice", "response_format", "format")
    config = {name: value for name, value in (body.get("generationConfig") or {}).items() if "Schema" not in name}
    return {**{field: body.get(field) for field in fields}, "generationConfig": config}


def _input(body: dict[str, Any]) -> Any:
    """The Responses protocol's conversation is a list of items, and no quirk writes it."""
    return [item for item in body["input"] if not isinstance(item, dict) or item.get("type") != "reasoning"]


def _said(read: Callable[[dict[str, Any]], Any], body: dict[str, Any]) -> Any:
    said = read(body)
    return said.comparable() if isinstance(said, Conversation) else said
