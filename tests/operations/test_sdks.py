"""The official packages list models, embed and count through a proxy whose provider speaks something else."""

from __future__ import annotations

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import types

from operations.conftest import VECTOR, House

TEXT = "The quick brown fox jumps over the lazy dog. " * 20


async def test_openai(house: House) -> None:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/gemini/v1", api_key="any", max_retries=0) as client:
        names = [model.id async for model in client.models.list()]
        one = await client.models.retrieve("short")
        vectors = await client.embeddings.create(model="short", input=["a", "b"], dimensions=3)

    assert "short" in names
    assert ("short", "gemini") == (one.id, one.owned_by)
    assert [VECTOR, VECTOR] == [item.embedding for item in vectors.data]
    assert 7 == vectors.usage.prompt_tokens


async def test_openai_counts(house: House) -> None:
    async with openai.AsyncOpenAI(base_url=f"{house.url}/claude/v1", api_key="any", max_retries=0) as client:
        if not hasattr(client.responses, "input_tokens"):
            pytest.skip("this version of the package cannot count")
        count = await client.responses.input_tokens.count(model="short", input=TEXT)

    assert 180 <= count.input_tokens <= 240


async def test_anthropic(house: House) -> None:
    async with anthropic.AsyncAnthropic(base_url=f"{house.url}/openai-chat", api_key="any", max_retries=0) as client:
        names = [model.id async for model in client.models.list()]
        one = await client.models.retrieve("gpt-5")
        count = await client.messages.count_tokens(model="short", messages=[{"role": "user", "content": TEXT}])

    assert "short" in names
    assert "gpt-5" == one.id
    assert 1970 == one.created_at.year
    assert 180 <= count.input_tokens <= 240


async def test_google(house: House) -> None:
    options = types.HttpOptions(base_url=f"{house.url}/openai-chat")
    client = genai.Client(api_key="any", http_options=options).aio
    names = [model.name async for model in await client.models.list()]
    one = await client.models.get(model="gpt-5")
    count = await client.models.count_tokens(model="short", contents=TEXT)
    vectors = await client.models.embed_content(model="short", contents=["a", "b"])

    assert "models/short" in names
    assert 400_000 == one.input_token_limit
    assert 180 <= (count.total_tokens or 0) <= 240
    assert [VECTOR, VECTOR] == [item.values for item in vectors.embeddings or []]


async def test_ollama(house: House) -> None:
    client = ollama.AsyncClient(host=f"{house.url}/gemini")
    names = [model.model for model in (await client.list()).models]
    shown = await client.show("short")
    running = await client.ps()
    vectors = await client.embed(model="short", input=["a", "b"])
    older = await client.embeddings(model="short", prompt="a")

    assert "short" in names
    assert "completion" in (shown.capabilities or [])
    assert [] == list(running.models)
    assert [VECTOR, VECTOR] == [list(vector) for vector in vectors.embeddings]
    assert VECTOR == list(older.embedding)
