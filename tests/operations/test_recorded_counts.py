"""Counted tokens against what providers said they counted: plain requests only, since nobody else can know the rest.

Left out are pictures, files, tools that a provider runs, encrypted thoughts and history kept elsewhere.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import RequestRejected
from recordings.traffic import SHARED

UNKNOWABLE = frozenset(
    [
        "image",
        "pdf",
        "document",
        "audio_video",
        "server_tools",
        "web_search",
        "signature_replayed",
        "encrypted_reasoning",
        "cached_content",
        "compaction",
        "compact_endpoint",
        "previous_response_id",
        "mcp",
        "structured_output",
        "json_mode",
        "context_management",
    ]
)
INPUT = {
    "claude": ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
    "gemini": ("promptTokenCount",),
    "openai-chat": ("prompt_tokens",),
    "openai-responses": ("input_tokens",),
    "ollama": ("prompt_eval_count",),
}
FAMILY = {"claude": "claude", "gemini": "gemini", "openai-chat": "gpt", "openai-responses": "gpt", "ollama": "qwen"}


def errors_of(engine: Engine, protocol: str) -> list[float]:
    found = []
    for path in sorted((SHARED / protocol).rglob("*.json")):
        said = json.loads(path.read_bytes())
        real = recorded_input(protocol, said["response"])
        if not real or UNKNOWABLE & set(said.get("features") or ()) or FAMILY[protocol] not in str(said["model"]):
            continue
        counted = count(engine, protocol, said["request"].get("body"))
        if counted:
            found.append((counted - real) / real)
    return found


def count(engine: Engine, protocol: str, body: Any) -> int:
    if not isinstance(body, dict):
        return 0
    try:
        return engine.tokens_of(protocol, protocol, body)
    except RequestRejected:
        return 0


def recorded_input(protocol: str, response: dict[str, Any]) -> int:
    """What the provider counted; a stream tells it more than once."""
    text = response.get("raw") or json.dumps(response.get("body"))
    told = {name: [int(number) for number in re.findall(rf'"{name}":\s*(\d+)', text)] for name in INPUT[protocol]}
    return sum(max(numbers, default=0) for numbers in told.values())


@pytest.mark.skipif(not Path(SHARED).is_dir(), reason="there are no recordings here")
@pytest.mark.parametrize("protocol", sorted(INPUT))
def test_counts_are_near(engine: Engine, protocol: str) -> None:
    errors = errors_of(engine, protocol)

    print(protocol, [f"{error:+.0%}" for error in errors])
    assert errors
    assert median(abs(error) for error in errors) <= 0.1
