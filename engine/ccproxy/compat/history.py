"""The conversation so far with its calls and results as text; pictures, files and thoughts stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ccproxy.compat.writing import write_calls

if TYPE_CHECKING:
    from ccproxy.compat.dialects import Dialect
    from ccproxy.compat.guide import Guide
    from ccproxy.compat.toolbox import Toolbox
    from ccproxy.unified.model import Block, Message

_CALLS = ("tool_call", "tool_result")
_PLAIN = {"type", "text", "cache"}


class History:
    """Rewrites messages in one dialect."""

    def __init__(self, dialect: Dialect, guide: Guide, toolbox: Toolbox) -> None:
        self._dialect = dialect
        self._guide = guide
        self._toolbox = toolbox

    def messages(self, messages: Sequence[Message]) -> list[Message]:
        """The messages; those without calls and results are the same objects."""
        return [self._message(message) if _has_calls(message["content"]) else message for message in messages]

    def _message(self, message: Message) -> Message:
        return {**message, "content": merged_texts(self._blocks(message["content"]))}

    def _blocks(self, content: Sequence[Block]) -> Iterator[Block]:
        calls: list[Block] = []
        for block in content:
            if block["type"] == "tool_call":
                calls.append(block)
                continue
            if calls:
                yield self._calls(calls)
                calls = []
            if block["type"] == "tool_result":
                yield from self._result(block)
            else:
                yield block
        if calls:
            yield self._calls(calls)

    def _calls(self, calls: Sequence[Block]) -> Block:
        written = [(call["name"], call.get("arguments", {})) for call in calls]
        return _text(write_calls(self._dialect, written, self._toolbox), *calls)

    def _result(self, block: Block) -> Iterator[Block]:
        content = block.get("content") or []
        text = "\n".join(part["text"] for part in content if part["type"] == "text")
        told = self._guide.result(block.get("name", ""), block["id"], text, error=bool(block.get("error")))
        yield _text(told, block)
        yield from (part for part in content if part["type"] != "text")


def _has_calls(content: Sequence[Block]) -> bool:
    return any(block["type"] in _CALLS for block in content)


def _text(text: str, *marked: Block) -> Block:
    """A text block; the last cache mark of what it stands for is its own."""
    cache = next((block["cache"] for block in reversed(marked) if "cache" in block), None)
    return {"type": "text", "text": text} if cache is None else {"type": "text", "text": text, "cache": cache}


def merged_texts(blocks: Iterator[Block]) -> list[Block]:
    """Blocks with neighbouring plain texts as one, an empty line between them."""
    merged: list[Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if last is not None and _is_plain(last) and _is_plain(block):
            merged[-1] = _text(f"{last['text'].rstrip()}\n\n{block['text']}", last, block)
        else:
            merged.append(block)
    return merged


def _is_plain(block: Block) -> bool:
    fields = cast("Mapping[str, object]", block)
    return block["type"] == "text" and fields.keys() <= _PLAIN
