"""Results of tools as the model sees them: unified blocks, no more of them than the limit lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from orjson import dumps

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.unified.model import Block

LAST_ROUND: Final = "(No more tools can be run for this answer. Answer now with what you know.)"
NOTHING: Final = "(The tool returned nothing.)"
_MEDIA: Final = frozenset({"image", "audio"})


def result_block(call: Block, result: JsonObject, most_bytes: int) -> Block:
    """Return the answer to a call, from a result as MCP writes it."""
    block = _answer_to(call, Room(most_bytes).fit(_contents(result)))
    if result.get("isError"):
        block["error"] = True
    return block


def failure_block(call: Block, reason: str) -> Block:
    """Return the answer to a call that could not be run."""
    return {**_answer_to(call, [{"type": "text", "text": reason}]), "error": True}


def with_last_words(block: Block) -> Block:
    """Return a result that tells that it is the last."""
    return {**block, "content": [*block["content"], {"type": "text", "text": LAST_ROUND}]}


class Room:
    """State: how many bytes are left for a result."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    def fit(self, blocks: list[Block]) -> list[Block]:
        """Return what fits; what is cut off or left out is told."""
        fitting = [self._fitted(block) for block in blocks]
        return [block for block in fitting if block is not None] or [{"type": "text", "text": NOTHING}]

    def _fitted(self, block: Block) -> Block | None:
        if block["type"] == "text":
            return self._cut(block)
        size = len(str(block["source"].get("data", "")))
        if size > self._left:
            return {"type": "text", "text": f"({block['type']} of {size} bytes left out: the result is too large)"}
        self._left -= size
        return block

    def _cut(self, block: Block) -> Block | None:
        data = block["text"].encode("utf-8", "replace")
        if not data:
            return None
        kept = data[: self._left]
        self._left -= len(kept)
        if len(kept) == len(data):
            return block
        said = f"(cut: {len(data) - len(kept)} more bytes; the result is too large)"
        return {"type": "text", "text": f"{kept.decode('utf-8', 'ignore')}\n{said}".lstrip()}


def _answer_to(call: Block, content: list[Block]) -> Block:
    return {"type": "tool_result", "id": call["id"], "name": call["name"], "content": content}


def _contents(result: JsonObject) -> list[Block]:
    """Return each part of a result; structured content counts where nothing else was said."""
    listed = result.get("content")
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    structured = result.get("structuredContent")
    if not parts and structured is not None:
        return [_text(structured)]
    return [_content(part) for part in parts]


def _content(part: dict[str, Json]) -> Block:
    kind, resource = part.get("type"), part.get("resource")
    if kind == "text":
        return {"type": "text", "text": str(part.get("text", ""))}
    if kind in _MEDIA:
        return _media(str(kind), part.get("data"), part.get("mimeType"))
    if kind == "resource" and isinstance(resource, dict):
        media_type = str(resource.get("mimeType") or "")
        if "text" in resource:
            return {"type": "text", "text": f"{resource.get('uri', '')}\n{resource['text']}"}
        if media_type.partition("/")[0] in _MEDIA:
            return _media(media_type.partition("/")[0], resource.get("blob"), media_type)
        size = len(str(resource.get("blob", "")))
        return {"type": "text", "text": f"({resource.get('uri', '')}: {size} bytes of {media_type or 'data'})"}
    return _text(part)


def _media(kind: str, data: Json, media_type: Json) -> Block:
    source: dict[str, Json] = {"type": "base64", "media_type": str(media_type or ""), "data": str(data or "")}
    block: Block = {"type": kind, "source": source}
    return cast("Block", {**block, "format": str(media_type).partition("/")[2]}) if kind == "audio" else block


def _text(value: Json) -> Block:
    return {"type": "text", "text": dumps(value).decode()}
