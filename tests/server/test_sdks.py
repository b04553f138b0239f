"""The official client packages talk to the embedded replay provider through real conversions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import anthropic
import openai
import pytest

from ccproxy.config.presets import build_presets
from ccproxy.conversion.engine import Engine
from ccproxy.datadirs import find_data_dirs
from ccproxy.server.embedded import embedded_config, find_embedded, start_sessions
from ccproxy.server.running import start, stop

ROOTS: tuple[Path, ...] = find_data_dirs("mappings", environ={})
WEATHER = {"type": "object", "properties": {"location": {"type": "string"}}}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(*ROOTS)


@pytest.fixture
async def url(engine: Engine) -> AsyncIterator[str]:
    embedded = find_embedded(build_presets(engine.library.index.providers), None, replay=True)
    port = await start_sessions(ROOTS, engine.protocols[embedded.preset.protocol])
    config = embedded_config(embedded, port)
    proxy = await start(replace(config, server=replace(config.server, port=0)), engine)
    yield f"http://127.0.0.1:{proxy.port}"
    await stop(proxy, 0.2)


async def test_anthropic_streams_a_tool_round_trip(url: str) -> None:
    client = anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0)
    tools = [{"name": "get_weather", "input_schema": WEATHER}]
    turns = [{"role": "user", "content": "How is the weather?"}]

    async with client.messages.stream(model="m", max_tokens=99, tools=tools, messages=turns) as stream:
        first = await stream.get_final_message()
    call = next(block for block in first.content if block.type == "tool_use")
    turns += [
        {"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}]},
    ]
    second = await client.messages.create(model="m", max_tokens=99, tools=tools, messages=turns)

    assert ("tool_use", "get_weather", {"location": "Paris"}) == (first.stop_reason, call.name, call.input)
    assert (60, 15) == (first.usage.input_tokens, first.usage.output_tokens)
    assert "The tool answered: sunny" == second.content[0].text


async def test_openai_streams_text(url: str) -> None:
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)
    turns = [{"role": "user", "content": "hi"}]

    stream = await client.chat.completions.create(model="m", stream=True, messages=turns)
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    whole = await client.chat.completions.create(model="m", messages=turns)

    assert text == whole.choices[0].message.content
    assert "recording" in text


async def test_anthropic_understands_a_refusal(url: str) -> None:
    client = anthropic.AsyncAnthropic(base_url=f"{url}/nowhere", api_key="any", max_retries=0)

    with pytest.raises(anthropic.NotFoundError, match="no group `nowhere`") as refusal:
        await client.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "hi"}])

    assert refusal.value.request_id


async def test_anthropic_understands_a_bad_request(url: str) -> None:
    async with anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0) as client:
        with pytest.raises(anthropic.BadRequestError) as refusal:
            await client.messages.create(
                model="m", max_tokens=9, messages=[{"role": "user", "content": [{"type": "text"}]}]
            )

    assert "messages[0].content[0].text" in str(refusal.value)
