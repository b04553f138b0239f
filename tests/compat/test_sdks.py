"""The official client packages finish a tool round trip in compat mode with an upstream that knows only text."""

from __future__ import annotations

import json

import anthropic
import ollama
import openai
import pytest
from google import genai
from google.genai import types

from ccproxy.config.model import Alias, Config, Group, Provider, ServerSettings, Target
from ccproxy.conversion.engine import Engine
from ccproxy.server.running import start, stop
from server.scripted_upstream import ScriptedUpstream, pieces, whole

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
ABOUT = "Tells the weather."
QUESTION = "How is the weather in Paris?"
CALL = 'I look.\n<call_tool name="get_weather"><arg name="city">Paris & Rome</arg><arg name="days">3</arg></call_tool>'
ARGUMENTS = {"city": "Paris & Rome", "days": 3}
RESULT = "sunny < cloudy"


async def answer_in_text(asked, writer):
    """Call the tool that the prompt tells of; with a result in the conversation, tell it."""
    body = asked.json()
    assert not {"tools", "tool_choice", "functions"} & body.keys()
    assert "get_weather" in json.dumps(body["messages"])
    has_result = RESULT in json.dumps(body["messages"])
    text = f"The tool said: {RESULT}." if has_result else CALL
    head = {"id": "c1", "created": 1, "model": "m"}
    if not body.get("stream"):
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        await whole(json.dumps({**head, "object": "chat.completion", "choices": [choice]}).encode())(asked, writer)
        return
    deltas = [{"index": 0, "delta": {"content": text[at : at + 5]}} for at in range(0, len(text), 5)]
    deltas.append({"index": 0, "delta": {}, "finish_reason": "stop"})
    events = [{**head, "object": "chat.completion.chunk", "choices": [delta]} for delta in deltas]
    await pieces(*(b"data: %s\n\n" % json.dumps(event).encode() for event in events), b"data: [DONE]\n\n")(
        asked, writer
    )


@pytest.fixture
async def url():
    upstream = ScriptedUpstream(answer_in_text)
    await upstream.start()
    providers = {"p": Provider("p", "openai-chat", upstream.url, ("provider-key",))}
    groups = {"default": Group("default", (Alias("*", (Target("p", "m"),)),))}
    proxy = await start(Config(server=ServerSettings(port=0), providers=providers, groups=groups), Engine.load())
    yield f"http://127.0.0.1:{proxy.port}/compat"
    await stop(proxy, 0.2)
    upstream.stop()


@pytest.mark.parametrize("streams", [False, True])
async def test_anthropic(url, streams):
    tools = [{"name": "get_weather", "description": ABOUT, "input_schema": SCHEMA}]
    turns = [{"role": "user", "content": QUESTION}]

    async with anthropic.AsyncAnthropic(base_url=url, api_key="any", max_retries=0) as client:

        async def ask():
            asked = {"model": "any", "max_tokens": 99, "tools": tools, "messages": turns}
            if not streams:
                return await client.messages.create(**asked)
            async with client.messages.stream(**asked) as stream:
                return await stream.get_final_message()

        first = await ask()
        text, call = first.content
        turns += [
            {"role": "assistant", "content": [text.model_dump(include={"type", "text"}), call.model_dump()]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": RESULT}]},
        ]
        second = await ask()

    assert ("tool_use", "I look.\n", ARGUMENTS) == (first.stop_reason, text.text, call.input)
    assert ("end_turn", f"The tool said: {RESULT}.") == (second.stop_reason, second.content[0].text)


@pytest.mark.parametrize("streams", [False, True])
async def test_openai_chat(url, streams):
    tools = [{"type": "function", "function": {"name": "get_weather", "description": ABOUT, "parameters": SCHEMA}}]
    turns = [{"role": "user", "content": QUESTION}]

    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:

        async def ask():
            if not streams:
                return await client.chat.completions.create(model="any", tools=tools, messages=turns)
            async with client.chat.completions.stream(model="any", tools=tools, messages=turns) as stream:
                return await stream.get_final_completion()

        first = (await ask()).choices[0]
        (call,) = first.message.tool_calls
        turns += [
            {
                "role": "assistant",
                "content": first.message.content,
                "tool_calls": [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": call.function.model_dump(include={"name", "arguments"}),
                    }
                ],
            },
            {"role": "tool", "tool_call_id": call.id, "content": RESULT},
        ]
        second = (await ask()).choices[0]

    assert ("tool_calls", ARGUMENTS) == (first.finish_reason, json.loads(call.function.arguments))
    assert ("stop", f"The tool said: {RESULT}.") == (second.finish_reason, second.message.content)


@pytest.mark.parametrize("streams", [False, True])
async def test_openai_responses(url, streams):
    tools = [{"type": "function", "name": "get_weather", "description": ABOUT, "parameters": SCHEMA, "strict": False}]
    turns = [{"role": "user", "content": QUESTION}]

    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:

        async def ask():
            if not streams:
                return await client.responses.create(model="any", tools=tools, input=turns)
            async with client.responses.stream(model="any", tools=tools, input=turns) as stream:
                return await stream.get_final_response()

        first = await ask()
        call = next(item for item in first.output if item.type == "function_call")
        asked = {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
        turns += [asked, {"type": "function_call_output", "call_id": call.call_id, "output": RESULT}]
        second = await ask()

    assert ARGUMENTS == json.loads(call.arguments)
    assert f"The tool said: {RESULT}." == second.output_text


@pytest.mark.parametrize("streams", [False, True])
async def test_google_genai(url, streams):
    client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=url))
    declared = types.FunctionDeclaration(name="get_weather", description=ABOUT, parameters_json_schema=SCHEMA)
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[declared])],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    turns = [types.Content(role="user", parts=[types.Part(text=QUESTION)])]

    async def ask():
        if not streams:
            answer = await client.aio.models.generate_content(model="any", contents=turns, config=config)
            return list(answer.candidates[0].content.parts)
        stream = await client.aio.models.generate_content_stream(model="any", contents=turns, config=config)
        return [part async for chunk in stream if chunk.candidates for part in chunk.candidates[0].content.parts or []]

    parts = await ask()
    call = next(part.function_call for part in parts if part.function_call)
    turns += [
        types.Content(role="model", parts=[part for part in parts if part.function_call]),
        types.Content(
            role="user", parts=[types.Part.from_function_response(name=call.name, response={"output": RESULT})]
        ),
    ]
    told = "".join(part.text or "" for part in await ask())

    assert ("get_weather", ARGUMENTS) == (call.name, call.args)
    assert f"The tool said: {RESULT}." == told


@pytest.mark.parametrize("streams", [False, True])
async def test_ollama(url, streams):
    client = ollama.AsyncClient(host=url)
    tools = [{"type": "function", "function": {"name": "get_weather", "description": ABOUT, "parameters": SCHEMA}}]
    turns = [{"role": "user", "content": QUESTION}]

    async def ask():
        if not streams:
            return [await client.chat(model="any", messages=turns, tools=tools)]
        return [part async for part in await client.chat(model="any", messages=turns, tools=tools, stream=True)]

    (call,) = [call for part in await ask() for call in part.message.tool_calls or []]
    turns += [
        {"role": "assistant", "content": "", "tool_calls": [call.model_dump()]},
        {"role": "tool", "tool_name": "get_weather", "content": RESULT},
    ]
    told = "".join(part.message.content or "" for part in await ask())

    assert ("get_weather", ARGUMENTS) == (call.function.name, dict(call.function.arguments))
    assert f"The tool said: {RESULT}." == told
