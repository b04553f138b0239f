"""What clients ask, each in the words of its protocol: the body without model, limit and `stream`."""

from __future__ import annotations

from typing import Any

CHAT, CLAUDE, RESPONSES, GEMINI, OLLAMA = "openai-chat", "claude", "openai-responses", "gemini", "ollama"
SCENES = ("text", "tools", "result", "schema")
LIMITS = {"text": 16, "tools": 60, "result": 24, "schema": 60}
SYSTEM = "You are a helpful assistant."
HELLO = "Say hello to the crew of a ship."
WEATHER = "What is it like in Paris?"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 12}, "population": {"type": "integer"}},
    "required": ["city", "population"],
    "additionalProperties": False,
}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"name": "get_weather", "description": "Tells the weather of a city"}
CITY, RESULT = {"city": "Paris"}, "18 degrees, sunny"
FUNCTION = {**TOOL, "parameters": PARAMETERS}


def question(client: str, scene: str) -> dict[str, Any]:
    """The arguments of the SDK's call."""
    return QUESTIONS[client](scene)


def _chat(scene: str) -> dict[str, Any]:
    said: list[Any] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": _words(scene)}]
    if scene == "result":
        call = {
            "id": "call_1",
            "type": "function",
            "function": {"name": TOOL["name"], "arguments": '{"city": "Paris"}'},
        }
        said += [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": RESULT},
        ]
    asked: dict[str, Any] = {"messages": said, "max_tokens": LIMITS[scene]}
    if _has_tools(scene):
        asked["tools"] = [{"type": "function", "function": FUNCTION}]
    if scene == "schema":
        named = {"name": "place", "schema": SCHEMA, "strict": True}
        asked["response_format"] = {"type": "json_schema", "json_schema": named}
    return asked


def _responses(scene: str) -> dict[str, Any]:
    said: list[Any] = [{"role": "user", "content": _words(scene)}]
    if scene == "result":
        call = {"type": "function_call", "call_id": "call_1", "name": TOOL["name"], "arguments": '{"city": "Paris"}'}
        said += [call, {"type": "function_call_output", "call_id": "call_1", "output": RESULT}]
    asked: dict[str, Any] = {"input": said, "instructions": SYSTEM, "max_output_tokens": LIMITS[scene], "store": False}
    if _has_tools(scene):
        asked["tools"] = [{"type": "function", **FUNCTION, "strict": False}]
    if scene == "schema":
        asked["text"] = {"format": {"type": "json_schema", "name": "place", "schema": SCHEMA, "strict": True}}
    return asked


def _claude(scene: str) -> dict[str, Any]:
    said: list[Any] = [{"role": "user", "content": _words(scene)}]
    if scene == "result":
        call = {"type": "tool_use", "id": "toolu_1", "name": TOOL["name"], "input": CITY}
        result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": RESULT}
        said += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    asked: dict[str, Any] = {"messages": said, "system": SYSTEM, "max_tokens": LIMITS[scene]}
    if _has_tools(scene):
        asked["tools"] = [{**TOOL, "input_schema": PARAMETERS}]
    if scene == "schema":
        asked["extra_body"] = {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}
    return asked


def _gemini(scene: str) -> dict[str, Any]:
    said: list[Any] = [{"role": "user", "parts": [{"text": _words(scene)}]}]
    if scene == "result":
        call = {"function_call": {"name": TOOL["name"], "args": CITY}}
        result = {"function_response": {"name": TOOL["name"], "response": {"result": RESULT}}}
        said += [{"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]
    config: dict[str, Any] = {"system_instruction": SYSTEM, "max_output_tokens": LIMITS[scene]}
    if _has_tools(scene):
        config["tools"] = [{"function_declarations": [{**TOOL, "parameters_json_schema": PARAMETERS}]}]
        config["automatic_function_calling"] = {"disable": True}
    if scene == "schema":
        config |= {"response_mime_type": "application/json", "response_json_schema": SCHEMA}
    return {"contents": said, "config": config}


def _ollama(scene: str) -> dict[str, Any]:
    said: list[Any] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": _words(scene)}]
    if scene == "result":
        call = {"function": {"name": TOOL["name"], "arguments": CITY}}
        said += [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_name": TOOL["name"], "content": RESULT},
        ]
    asked: dict[str, Any] = {"messages": said, "options": {"num_predict": LIMITS[scene]}}
    if _has_tools(scene):
        asked["tools"] = [{"type": "function", "function": FUNCTION}]
    if scene == "schema":
        asked["format"] = SCHEMA
    return asked


def _words(scene: str) -> str:
    return {"text": HELLO, "schema": "Tell me about Paris in JSON."}.get(scene, WEATHER)


def _has_tools(scene: str) -> bool:
    return scene in ("tools", "result")


QUESTIONS = {CHAT: _chat, CLAUDE: _claude, RESPONSES: _responses, GEMINI: _gemini, OLLAMA: _ollama}
