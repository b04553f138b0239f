"""The normal form of single blocks: nothing empty, nothing that only another protocol can read.

Most blocks are normal, so each kind has a quick test; only blocks that fail it are taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ccproxy.unified.arguments import parse_arguments
from ccproxy.unified.call_draft import WRAPPED_INPUT
from ccproxy.unified.loss import LossReport, Place
from ccproxy.unified.model import Block
from ccproxy.unified.normal_rules import NormalRules


def are_normal(content: Iterable[Block], protocol: str) -> bool:
    """Whether blocks can stay as they are; a quick test that may say no too often."""
    for block in content:
        kind = block["type"]
        if kind == "text":
            text = block["text"]
            if not text or text.isspace() or not (len(block) == 2 or (len(block) == 3 and "cache" in block)):
                return False
        elif kind == "tool_call":
            if len(block) != 4 or not isinstance(block.get("arguments"), dict):
                return False
        elif kind == "tool_result":
            inner = block.get("content")
            if inner is None or "extra" in block or not are_normal(inner, protocol):
                return False
        elif kind == "reasoning":
            if block.get("origin") != protocol or not block.get("signature") or "extra" in block:
                return False
        elif kind == "native" or "extra" in block:
            return False
    return True


class BlockCleaner:
    """Brings blocks into normal form for one target, and reports what that loses."""

    __slots__ = ("_report", "_rules")

    def __init__(self, rules: NormalRules, report: LossReport) -> None:
        self._rules = rules
        self._report = report

    def clean(self, content: list[Block], place: Place, owner: Block | None = None) -> list[Block]:
        """The blocks that stay; the list itself when nothing changes.

        The cache mark of a removed block moves to the one before it, or to the block that owns the list.
        """
        return content if are_normal(content, self._rules.protocol) else self._cleaned(content, place, owner)

    def _cleaned(self, content: list[Block], place: Place, owner: Block | None) -> list[Block]:
        kept: list[Block] = []
        protocol = self._rules.protocol
        for position, block in enumerate(content):
            fixed = block if are_normal((block,), protocol) else self._fixed(block, (*place, position))
            heir = kept[-1] if kept else owner
            if fixed is not None:
                kept.append(fixed)
            elif "cache" in block and heir is not None:
                heir.setdefault("cache", block["cache"])
        return kept

    def _fixed(self, block: Block, place: Place) -> Block | None:
        if "extra" in block:
            self._report.add_extra(block["extra"], place)
        fix = FIXES.get(block["type"])
        return block if fix is None else fix(self, block, place)

    def _text(self, block: Block, place: Place) -> Block | None:
        self._drop_foreign(block, place)
        text = block["text"]
        is_blank = not text or (self._rules.blank_text == "remove" and text.isspace())
        return None if is_blank and "signature" not in block else block

    def _reasoning(self, block: Block, place: Place) -> Block | None:
        self._drop_foreign(block, place)
        if "signature" in block or "encrypted" in block:
            return block
        if not block.get("text"):
            return None
        if self._rules.unsigned_reasoning == "keep":
            return block
        self._report.add(place, "thoughts without a signature of the target")
        return None

    def _tool_call(self, block: Block, place: Place) -> Block | None:
        self._drop_foreign(block, place)
        arguments = block.get("arguments")
        if block.get("kind") == "custom":
            self._wrap(block)
        elif arguments is None:
            block["arguments"] = {}
        elif isinstance(arguments, str):
            block["arguments"] = parse_arguments(arguments)
        return block

    def _wrap(self, block: Block) -> None:
        """Write a free text call as a call of the function that stands in for the tool."""
        if self._rules.custom_tools == "keep":
            return
        del block["kind"]
        text = block.get("arguments", "")
        block["arguments"] = {WRAPPED_INPUT: text} if isinstance(text, str) else text

    def _tool_result(self, block: Block, place: Place) -> Block | None:
        block["content"] = self.clean(block.get("content") or [], (*place, "content"), block)
        return block

    def _native(self, block: Block, place: Place) -> Block | None:
        protocol = block["protocol"]
        if protocol in self._rules.known_protocols:
            return block
        text = block.get("text")
        if not text or text.isspace():
            self._report.add(place, f"only {protocol} knows this block")
            return None
        self._report.add(place, f"only {protocol} knows this block; shown as text")
        return (
            {"type": "text", "text": text, "cache": block["cache"]}
            if "cache" in block
            else {"type": "text", "text": text}
        )

    def _drop_foreign(self, block: Block, place: Place) -> None:
        """Remove what only the model of another protocol could check or decrypt."""
        own = block.get("origin") == self._rules.protocol
        if "signature" in block and not (own and block["signature"]) and block.pop("signature"):
            self._report.add((*place, "signature"), "signature of another protocol's model")
        if "encrypted" in block and not own:
            del block["encrypted"]
            self._report.add((*place, "encrypted"), "encrypted thoughts of another protocol's model")
        if not own and "origin" in block:
            del block["origin"]
            if block["type"] == "reasoning":
                block.pop("id", None)


FIXES: dict[str, Callable[[BlockCleaner, Block, Place], Block | None]] = {
    "text": BlockCleaner._text,
    "reasoning": BlockCleaner._reasoning,
    "tool_call": BlockCleaner._tool_call,
    "tool_result": BlockCleaner._tool_result,
    "native": BlockCleaner._native,
}
