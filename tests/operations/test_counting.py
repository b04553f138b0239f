"""Tokens: asked of providers that speak the client's protocol, counted here for all others."""

from __future__ import annotations

import asyncio

import pytest

from ccproxy.conversion.engine import Engine
from ccproxy.jsontypes import JsonObject
from operations.conftest import UPSTREAMS, House
from server.scripted_upstream import Asked

TEXT = "The quick brown fox jumps over the lazy dog. " * 20  # 200 tokens
CLIENTS: dict[str, tuple[str, JsonObject, str]] = {
    "claude": (
        "/v1/messages/count_tokens",
        {"model": "short", "messages": [{"role": "user", "content": TEXT}]},
        "input_tokens",
    ),
    "gemini": ("/v1beta/models/short:countTokens", {"contents": [{"parts": [{"text": TEXT}]}]}, "totalTokens"),
    "openai-responses": ("/v1/responses/input_tokens", {"model": "short", "input": TEXT}, "input_tokens"),
}


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("client", CLIENTS)
async def test_counts(house: House, client: str, upstream: str) -> None:
    path, body, field = CLIENTS[client]

    count = (await house.ask("POST", f"/{upstream}{path}", body))[field]

    if client == upstream:
        assert 4321 == count
    else:
        assert not house.upstream.asked
        assert 180 <= count <= 240  # type: ignore[operator]


async def test_a_provider_that_cannot_count_is_not_needed(house: House) -> None:
    house.upstream.script = nowhere
    path, body, field = CLIENTS["claude"]

    answer = await house.ask("POST", f"/claude{path}", body)

    assert 180 <= answer[field] <= 240  # type: ignore[operator]


async def nowhere(_asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 404 X\r\ncontent-length: 2\r\n\r\n{}")


async def test_a_body_that_is_no_request(house: House) -> None:
    status, error = await house.answer("POST", "/gemini/v1/messages/count_tokens", {"model": "short", "messages": 3})

    assert 400 == status
    assert "messages" in str(error)


def test_tools_and_pictures_count(engine: Engine) -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA" * 9999}}
    tool = {"name": "get_weather", "description": "Weather of a place", "input_schema": {"type": "object"}}
    plain: JsonObject = {
        "model": "m",
        "max_tokens": 1,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }
    seen: JsonObject = {**plain, "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}, picture]}]}

    def count(body: JsonObject) -> int:
        return int(engine.count_tokens("claude", "gemini", body)["input_tokens"])  # type: ignore[arg-type]

    assert 258 == count(seen) - count(plain)
    assert 5 < count({**plain, "tools": [tool]}) - count(plain) < 60


def test_families_of_models_have_hidden_prompts_of_their_own(engine: Engine) -> None:
    body: JsonObject = {"model": "m", "messages": [{"role": "user", "content": TEXT}]}

    plain = engine.tokens_of("openai-chat", "openai-chat", body, model="gpt-5")
    hidden = engine.tokens_of("openai-chat", "openai-chat", body, model="openai/gpt-oss-20b")

    assert 64 == hidden - plain
