"""Blocks in the making: what is fixed when a block opens, and the pieces that come for it.

A draft knows its three faces: `head` (for `block_start`), `deltas` (what came so far, for a draft that had to
wait) and `finished` (for `block_stop`). It emits nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal, TypeAlias, cast

from ccproxy.jsontypes import Json
from ccproxy.unified.model import Block, Citation, Event, Key, Piece
from ccproxy.unified.native import merge_native

Delta: TypeAlias = Event


LATE_FIELDS: tuple[Literal["id", "encrypted", "origin", "extra"], ...] = ("id", "encrypted", "origin", "extra")


class Draft:
    """A block of a kind that comes whole: nothing can be added to it."""

    __slots__ = ("citations", "closed", "ended", "fields", "key", "pieces", "signature")

    delta_kind: ClassVar[str] = ""

    def __init__(self, fields: Block, key: Key | None = None) -> None:
        self.fields = fields
        self.key = key
        self.pieces: list[str] = []
        self.signature: list[str] = []
        self.citations: list[Citation] = []
        self.ended = False
        self.closed = False

    @property
    def kind(self) -> str:
        return self.fields["type"]

    @property
    def is_ready(self) -> bool:
        """Whether enough is known to open the block."""
        return True

    @property
    def may_close(self) -> bool:
        """Whether another block may open although nobody said that this one is over."""
        return True

    def gives_way(self, waiting: Sequence[Draft]) -> bool:  # noqa: ARG002  (some kinds of block look at it)
        """Whether the first of the waiting blocks may open in its place."""
        return self.may_close

    @property
    def says_something(self) -> bool:
        return bool(self.pieces or self.signature or self.citations or "encrypted" in self.fields)

    def grow(self, piece: Piece) -> list[Delta]:
        """Take a piece, and say it as deltas."""
        for name in LATE_FIELDS:
            if piece.get(name):
                self.fields[name] = piece[name]
        text, signature = piece.get("text"), piece.get("signature")
        deltas: list[Delta] = []
        if text:
            self.pieces.append(text)
            deltas.append({"type": "block_delta", "kind": self.delta_kind, "text": text})
        if signature:
            self.signature.append(signature)
            deltas.append({"type": "block_delta", "kind": "signature", "text": signature})
        return deltas

    def complete(self, block: Block) -> list[Delta]:
        """Take the whole block at its end: what never came is added, what came is not said again."""
        piece = cast("Piece", {name: block[name] for name in LATE_FIELDS if block.get(name)})
        if not self.pieces:
            piece["text"] = block.get("text", "")
        if not self.signature:
            piece["signature"] = block.get("signature", "")
        deltas = self.grow(piece)
        if not self.citations:
            self.citations += block.get("citations", [])
            deltas += [{"type": "block_delta", "kind": "citation", "value": citation} for citation in self.citations]
        return deltas

    def head(self) -> Block:
        return {**self.fields}

    def deltas(self) -> Iterator[Delta]:
        """What came for the block so far, in as few deltas as possible."""
        if self.pieces:
            yield {"type": "block_delta", "kind": self.delta_kind, "text": "".join(self.pieces)}
        for citation in self.citations:
            yield {"type": "block_delta", "kind": "citation", "value": citation}
        if self.signature:
            yield {"type": "block_delta", "kind": "signature", "text": "".join(self.signature)}

    def closing_deltas(self) -> Iterator[Delta]:
        """What is known only when the block is complete."""
        yield from ()

    def finished(self) -> Block:
        return self._with_marks({**self.fields})

    def _with_marks(self, block: Block) -> Block:
        if self.citations:
            block["citations"] = self.citations
        if self.signature:
            block["signature"] = "".join(self.signature)
        return block


class TextDraft(Draft):
    """A `text` or `refusal` block."""

    __slots__ = ()
    delta_kind = "text"

    def head(self) -> Block:
        return {**self.fields, "text": ""}

    def finished(self) -> Block:
        return self._with_marks({**self.fields, "text": "".join(self.pieces)})


class RefusalDraft(TextDraft):
    """A `refusal` block."""

    __slots__ = ()
    delta_kind = "refusal"


class ReasoningDraft(Draft):
    """A `reasoning` block; encrypted thoughts may stand without text."""

    __slots__ = ()
    delta_kind = "reasoning"

    def head(self) -> Block:
        is_opaque = "encrypted" in self.fields and not self.pieces
        return {**self.fields} if is_opaque else {**self.fields, "text": ""}

    def finished(self) -> Block:
        if not self.pieces and "encrypted" in self.fields:
            return self._with_marks({**self.fields})
        return self._with_marks({**self.fields, "text": "".join(self.pieces)})


class NativeDraft(Draft):
    """A block that only one protocol knows, with deltas that only it knows."""

    __slots__ = ("values", "whole")
    delta_kind = "arguments"

    def __init__(self, fields: Block, key: Key | None = None) -> None:
        super().__init__(fields, key)
        self.values: list[Json] = []
        self.whole: Block | None = None

    def grow(self, piece: Piece) -> list[Delta]:
        """Take a native delta, or a piece of arguments."""
        if "value" in piece:
            self.values.append(piece["value"])
            return [{"type": "block_delta", "kind": "native", "value": piece["value"]}]
        arguments = piece.get("arguments")
        if not arguments or not isinstance(arguments, str):
            return []
        self.pieces.append(arguments)
        return [{"type": "block_delta", "kind": "arguments", "text": arguments}]

    def gives_way(self, waiting: Sequence[Draft]) -> bool:
        """Such blocks run beside each other, and each goes on to its end, but no other block waits for that."""
        return self.ended or not all(isinstance(draft, NativeDraft) for draft in waiting)

    def complete(self, block: Block) -> list[Delta]:
        if block.get("text"):
            self.fields["text"] = block["text"]
        self.whole = block
        return []

    def deltas(self) -> Iterator[Delta]:
        yield from super().deltas()
        whole = [] if self.whole is None else [self.whole["value"]]
        for value in (*self.values, *whole):
            yield {"type": "block_delta", "kind": "native", "value": value}

    def finished(self) -> Block:
        grown = merge_native(self.fields["value"], self.values, "".join(self.pieces))
        value = grown if self.whole is None else self.whole["value"]
        return self._with_marks({**self.fields, "value": value})
