"""Requests of Gemini's and Ollama's clients, read by hand: the conversation that any conversion has to keep."""

from __future__ import annotations

import json
import re
from typing import Any

from recordings.requests import Conversation, as_list

DATA = frozenset({"args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema"})
ANSWER_KEYS = ("output", "result", "error", "content", "response")


def camel(value: Any) -> Any:
    """Google's clients write either case."""
    if isinstance(value, dict):
        named = {re.sub(r"_(\w)", lambda found: found[1].upper(), name): inner for name, inner in value.items()}
        return {name: inner if name in DATA else camel(inner) for name, inner in named.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def read_gemini_request(body: dict[str, Any]) -> Conversation:
    body = camel(body)
    said = Conversation()
    for part in as_list((body.get("systemInstruction") or {}).get("parts")):
        said.given += part.get("text", "")
    for content in as_list(body["contents"]):
        for part in as_list(content.get("parts")):
            _add_part(said, content.get("role"), part)
    for tool in as_list(body.get("tools")):
        for declared in tool.get("functionDeclarations") or ():
            schema = declared.get("parametersJsonSchema") or declared.get("parameters") or {}
            said.tools[declared["name"]] = dict.fromkeys(schema.get("properties") or ())
    return said


def _add_part(said: Conversation, role: str | None, part: dict[str, Any]) -> None:
    if "functionCall" in part:
        said.calls.append((part["functionCall"]["name"], part["functionCall"].get("args") or {}))
    elif "functionResponse" in part:
        said.results.append(_result(part["functionResponse"].get("response") or {}))
        for inner in part["functionResponse"].get("parts") or ():
            _add_part(said, role, inner)
    elif "inlineData" in part:
        said.media.append(_standard(part["inlineData"]["data"]))
    elif "fileData" in part:
        said.media.append(part["fileData"]["fileUri"])
    elif "text" in part and not part.get("thought"):
        if role == "model":
            said.assistant += part["text"]
        else:
            said.given += part["text"]


def _standard(data: str) -> str:
    plain = data.translate(str.maketrans("-_", "+/", "=\n"))
    return plain + "=" * (-len(plain) % 4)


def _result(response: dict[str, Any]) -> str:
    """One text under one of the usual names, or the whole as JSON."""
    texts = [response[name] for name in ANSWER_KEYS if isinstance(response.get(name), str)]
    if len(texts) == 1 and len(response) - ("name" in response) == 1:
        return str(texts[0])
    return json.dumps(response, separators=(",", ":"), ensure_ascii=False) if response else ""


def read_ollama_request(body: dict[str, Any]) -> Conversation:
    said = Conversation(given=body.get("system") or "")
    messages = body.get("messages")
    if messages is None:
        messages = [{"role": "user", "content": body.get("prompt"), "images": body.get("images")}]
    for message in messages:
        text = message.get("content") or ""
        if message["role"] == "tool":
            said.results.append(text)
        elif message["role"] == "assistant":
            said.assistant += text
        else:
            said.given += text
        said.media += message.get("images") or []
        for call in message.get("tool_calls") or ():
            said.calls.append((call["function"]["name"], call["function"].get("arguments") or {}))
    for tool in body.get("tools") or ():
        said.tools[tool["function"]["name"]] = dict.fromkeys(
            (tool["function"].get("parameters") or {}).get("properties") or ()
        )
    return said
