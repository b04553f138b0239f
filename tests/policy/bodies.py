"""The same conversation in every protocol: instructions, three tools of which one must be called, a call of another in
the past, and a last question."""

from __future__ import annotations

from typing import Final

from ccproxy.jsontypes import Json, JsonObject

SYSTEM: Final = "You are Claude Code. Claude Code is careful."
ASKED: Final = "What is new?"
FIRST: Final = "Look at the page."
TOOLS: Final = ("Read", "WebFetch", "WebSearch")
SCHEMA: Final[JsonObject] = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
CACHED: Final[JsonObject] = {"type": "ephemeral"}


def _functions(**outer: Json) -> list[Json]:
    return [{**outer, "function": {"name": name, "description": name, "parameters": SCHEMA}} for name in TOOLS]


def _named(field: str, **outer: Json) -> list[Json]:
    return [{**outer, "name": name, "description": name, field: SCHEMA} for name in TOOLS]


BODIES: Final[dict[str, JsonObject]] = {
    "claude": {
        "model": "m",
        "max_tokens": 2000,
        "temperature": 1.0,
        "stop_sequences": ["END"],
        "system": [
            {"type": "text", "text": "You are Claude Code."},
            {"type": "text", "text": "Claude Code is careful.", "cache_control": CACHED},
        ],
        "messages": [
            {"role": "user", "content": FIRST},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "toolu_1", "name": "WebFetch", "input": {"url": "u"}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "a page"}]},
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": [{"type": "text", "text": ASKED}]},
        ],
        "tools": _named("input_schema"),
        "tool_choice": {"type": "tool", "name": "WebFetch", "disable_parallel_tool_use": True},
    },
    "openai-chat": {
        "model": "m",
        "max_tokens": 2000,
        "temperature": 1.0,
        "stop": "END",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": FIRST},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "WebFetch", "arguments": '{"url":"u"}'}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "a page"},
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": ASKED},
        ],
        "tools": _functions(type="function"),
        "tool_choice": {"type": "function", "function": {"name": "WebFetch"}},
        "parallel_tool_calls": False,
    },
    "openai-responses": {
        "model": "m",
        "max_output_tokens": 2000,
        "temperature": 1.0,
        "instructions": SYSTEM,
        "input": [
            {"role": "user", "content": FIRST},
            {"type": "function_call", "call_id": "c1", "name": "WebFetch", "arguments": '{"url":"u"}'},
            {"type": "function_call_output", "call_id": "c1", "output": "a page"},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Done."}]},
            {"role": "user", "content": [{"type": "input_text", "text": ASKED}]},
        ],
        "tools": _named("parameters", type="function"),
        "tool_choice": {"type": "function", "name": "WebFetch"},
        "parallel_tool_calls": False,
    },
    "gemini": {
        "generationConfig": {"maxOutputTokens": 2000, "temperature": 1.0, "stopSequences": ["END"]},
        "systemInstruction": {"parts": [{"text": SYSTEM}]},
        "contents": [
            {"role": "user", "parts": [{"text": FIRST}]},
            {"role": "model", "parts": [{"functionCall": {"name": "WebFetch", "args": {"url": "u"}}}]},
            {
                "role": "user",
                "parts": [{"functionResponse": {"name": "WebFetch", "response": {"output": "a page"}}}],
            },
            {"role": "model", "parts": [{"text": "Done."}]},
            {"role": "user", "parts": [{"text": ASKED}]},
        ],
        "tools": [{"functionDeclarations": _named("parameters")}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["WebFetch"]}},
    },
    "ollama": {
        "model": "m",
        "options": {"num_predict": 2000, "temperature": 1.0, "stop": ["END"]},
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": FIRST},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": {"name": "WebFetch", "arguments": {"url": "u"}}}],
            },
            {"role": "tool", "content": "a page", "tool_name": "WebFetch"},
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": ASKED},
        ],
        "tools": _functions(type="function"),
    },
}
PROTOCOLS: Final = tuple(BODIES)
