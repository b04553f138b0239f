"""Tokens of a unified request: its words through a tokenizer, what stands around them by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from orjson import dumps

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.counting import Counting

CountText = Callable[[str], int]
_WORDS: Final = ("text", "title", "context", "name")


def count_request(request: JsonObject, rules: Counting, count_text: CountText) -> int:
    """Tokens of the whole request for a model that these rules describe."""
    messages, tools = _items(request.get("messages")), _items(request.get("tools"))
    said = [block for turn in _without_old_thoughts(messages) for block in _blocks(turn.get("content"))]
    blocks = [*_items(request.get("system")), *said]
    texts = [text for block in blocks for text in _texts(block)]
    schemas = [_json(_declared(tool)) for tool in tools]
    response_format = request.get("response_format")
    if rules.answer_schema and isinstance(response_format, dict) and "schema" in response_format:
        schemas.append(_json(response_format["schema"]))
    words = rules.scale * (sum(map(count_text, texts)) + rules.schema_scale * sum(map(count_text, schemas)))
    around = rules.request + rules.message * len(messages) + rules.tool * len(tools) + (rules.tools if tools else 0)
    media = sum(rules.media.get(str(block.get("type")), 0) for block in blocks if "text" not in _source(block))
    return max(1, round(words + around + media))


def _without_old_thoughts(messages: list[JsonObject]) -> Iterator[JsonObject]:
    """Yield turns; providers leave out what was thought before the user spoke last."""
    spoke = [number for number, turn in enumerate(messages) if _is_spoken(turn)]
    for number, turn in enumerate(messages):
        if spoke and number < spoke[-1]:
            kept: list[Json] = [block for block in _items(turn.get("content")) if block.get("type") != "reasoning"]
            yield {**turn, "content": kept}
        else:
            yield turn


def _is_spoken(turn: JsonObject) -> bool:
    kinds = {block.get("type") for block in _items(turn.get("content"))}
    return turn.get("role") == "user" and kinds != {"tool_result"}


def _blocks(content: Json) -> Iterator[JsonObject]:
    """Yield blocks, and those inside results of tools."""
    for block in _items(content):
        yield block
        yield from _blocks(block.get("content"))


def _texts(block: JsonObject) -> Iterator[str]:
    yield from (text for name in _WORDS if isinstance(text := block.get(name), str))
    for name in ("arguments", "input", "value"):
        value = block.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield _json(value)
    text = _source(block).get("text")
    if isinstance(text, str):
        yield text


def _source(block: JsonObject) -> JsonObject:
    source = block.get("source")
    if not isinstance(source, dict):
        return {}
    return {"text": source.get("data")} if source.get("type") == "text" else source


def _json(value: Json) -> str:
    return dumps(value).decode("utf-8", "replace")


def _declared(tool: JsonObject) -> JsonObject:
    """What a model reads of a tool."""
    return {name: tool[name] for name in ("name", "description", "parameters", "format", "value") if name in tool}


def _items(value: Json) -> list[JsonObject]:
    if isinstance(value, str):
        return [{"text": value}]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
