"""The official SDKs ask; what they make of the answer is read like any answer of their protocol."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anthropic
import ollama
import openai
from google import genai
from google.genai import types
from pydantic import BaseModel

from live.questions import CHAT, CLAUDE, GEMINI, OLLAMA, RESPONSES, question
from recordings.answers import Answer
from recordings.comparison import READERS, STREAM_READERS

Ask = Callable[[str, str, bool], Awaitable[list[Any]]]


async def ask(client: str, url: str, scene: str, stream: bool) -> Answer:
    """The answer that the SDK gives, read from its own objects."""
    said = [_plain(piece) for piece in await ASK[client](url, scene, stream)]
    if not stream:
        return READERS[client](said[0])
    lines = [json.dumps(piece) for piece in said]
    raw = "".join(f"{line}\n" if client == OLLAMA else f"data: {line}\n\n" for line in lines)
    return STREAM_READERS[client](raw.encode())


def _plain(piece: Any) -> Any:
    """What the SDK understood, with the names of the wire."""
    assert isinstance(piece, BaseModel)
    return piece.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)


async def _chat(url: str, scene: str, stream: bool) -> list[Any]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        asked: Any = client.chat.completions.create
        if not stream:
            return [await asked(model="any", **question(CHAT, scene))]
        options = {"include_usage": True}
        pieces = await asked(model="any", stream=True, stream_options=options, **question(CHAT, scene))
        return [piece async for piece in pieces]


async def _responses(url: str, scene: str, stream: bool) -> list[Any]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        asked: Any = client.responses.create
        if not stream:
            return [await asked(model="any", **question(RESPONSES, scene))]
        return [piece async for piece in await asked(model="any", stream=True, **question(RESPONSES, scene))]


async def _claude(url: str, scene: str, stream: bool) -> list[Any]:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0) as client:
        asked: Any = client.messages.create
        if not stream:
            return [await asked(model="any", **question(CLAUDE, scene))]
        return [piece async for piece in await asked(model="any", stream=True, **question(CLAUDE, scene))]


async def _gemini(url: str, scene: str, stream: bool) -> list[Any]:
    client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=url)).aio
    models: Any = client.models
    if not stream:
        return [await models.generate_content(model="any", **question(GEMINI, scene))]
    return [piece async for piece in await models.generate_content_stream(model="any", **question(GEMINI, scene))]


async def _ollama(url: str, scene: str, stream: bool) -> list[Any]:
    asked: Any = ollama.AsyncClient(host=url).chat
    if not stream:
        return [await asked(model="any", **question(OLLAMA, scene))]
    return [piece async for piece in await asked(model="any", stream=True, **question(OLLAMA, scene))]


ASK: dict[str, Ask] = {CHAT: _chat, CLAUDE: _claude, RESPONSES: _responses, GEMINI: _gemini, OLLAMA: _ollama}
