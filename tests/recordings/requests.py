"""Requests as their protocols write them, read by hand: the conversation that any conversion has to keep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from recordings.answers import arguments_of

ADDED = (
    # said to models without a JSON mode of their own
    "Answer with one JSON object and nothing else. Write no words and no code fence around it.",
    "[image attached below]",
    "[document attached below]",
    "The attachments of the tool results above:",
    "<system-reminder>",
    "</system-reminder>",
)


@dataclass
class Conversation:
    """What a model learns from a request; `given` is the instructions and the user's words, in their order."""

    given: str = ""
    assistant: str = ""
    calls: list[tuple[str, Any]] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    tools: dict[str, Any] = field(default_factory=dict)

    def comparable(self) -> Conversation:
        """Without what conversions add or change: white space, and words about what is put elsewhere."""
        return replace(
            self,
            given=squeeze(self.given),
            assistant=squeeze(self.assistant),
            results=[squeeze(result).removeprefix("Error:") for result in self.results],
        )


def squeeze(text: str) -> str:
    for added in ADDED:
        text = text.replace(added, "")
    return "".join(text.split())


def _say(said: Conversation, role: str, text: str) -> None:
    if role == "assistant":
        said.assistant += text
    else:
        said.given += text


def as_list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [] if content is None else [content]


def read_claude_request(body: dict[str, Any]) -> Conversation:
    said = Conversation(given="".join(_claude_text(block) for block in as_list(body.get("system"))))
    for message in body["messages"]:
        for block in as_list(message.get("content")):
            _add_claude_block(said, message["role"], block)
    for tool in body.get("tools") or ():
        if tool.get("type") in (None, "custom"):
            said.tools[tool["name"]] = tool["input_schema"].get("properties") or {}
    return said


def _claude_text(block: Any) -> str:
    if isinstance(block, str):
        return block
    match block["type"]:
        case "search_result":
            return block["title"] + block["source"] + "".join(part["text"] for part in block["content"])
        case "tool_reference":
            return f"The tool {block['tool_name']} is now available."
        case _:
            return str(block.get("text", ""))


def _add_claude_block(said: Conversation, role: str, block: Any) -> None:
    kind = "text" if isinstance(block, str) else block["type"]
    match kind:
        case "text" | "search_result":
            _say(said, role, _claude_text(block))
        case "tool_use":
            said.calls.append((block["name"], block["input"]))
        case "tool_result":
            inner = as_list(block.get("content"))
            said.results.append("".join(_claude_text(part) for part in inner))
            for part in inner:
                if isinstance(part, dict) and part["type"] in ("image", "document"):
                    _add_claude_block(said, role, part)
        case "image" | "document":
            source = block["source"]
            if source["type"] == "text":
                said.given += (block.get("title") or "") + source["data"]
            elif source["type"] != "content":
                said.media.append(source.get("data") or source.get("url") or source.get("file_id"))


def read_chat_request(body: dict[str, Any]) -> Conversation:
    said = Conversation()
    for message in body["messages"]:
        role = {"developer": "system"}.get(message["role"], message["role"])
        if role in ("tool", "function"):
            said.results.append("".join(_chat_text(said, part) for part in as_list(message["content"])))
            continue
        text = "".join(_chat_text(said, part) for part in as_list(message.get("content")))
        _say(said, role, text)
        for call in message.get("tool_calls") or ():
            said.calls.append((call["function"]["name"], arguments_of(call["function"]["arguments"])))
    for tool in body.get("tools") or ():
        if "function" in tool:
            said.tools[tool["function"]["name"]] = (tool["function"].get("parameters") or {}).get("properties") or {}
    return said


def _chat_text(said: Conversation, part: Any) -> str:
    if isinstance(part, str):
        return part
    match part["type"]:
        case "image_url":
            address = part["image_url"]
            said.media.append(_data_of(address if isinstance(address, str) else address["url"]))
        case "file":
            said.media.append(_data_of(part["file"].get("file_data") or part["file"]["file_id"]))
        case "document_url":
            said.media.append(_data_of(part["document_url"]))
        case "text":
            return str(part["text"])
    return ""


def _data_of(address: str) -> str:
    return address.partition(",")[2] if address.startswith("data:") else address
