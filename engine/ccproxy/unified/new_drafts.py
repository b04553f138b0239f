"""Which draft a fragment begins, and whether it belongs to the one before it."""

from __future__ import annotations

from typing import Literal, TypeAlias, cast

from ccproxy.jsontypes import Json
from ccproxy.unified.drafts import Draft, NativeDraft, ReasoningDraft, RefusalDraft, TextDraft
from ccproxy.unified.model import Block, Piece

Textual: TypeAlias = Literal["text", "reasoning", "refusal"]

TEXTUAL: dict[str, type[Draft]] = {"text": TextDraft, "reasoning": ReasoningDraft, "refusal": RefusalDraft}
GROWING = ("text", "signature", "citations")


def continues(draft: Draft, kind: Textual, piece: Piece) -> bool:
    """Whether a piece belongs to this draft: same kind, same key if it says one, and nothing sealed before it."""
    if draft.kind != kind or draft.ended:
        return False
    key = piece.get("key")
    if key is not None and key != draft.key:
        return False
    if piece.get("encrypted"):
        return key is not None
    return not (kind == "reasoning" and draft.signature and piece.get("text"))


def textual_draft(kind: Textual, piece: Piece) -> Draft | None:
    """A block that begins with this piece; None when the piece says nothing."""
    draft = TEXTUAL[kind]({"type": kind}, piece.get("key"))
    draft.grow(piece)
    draft.ended = draft.key is None and "encrypted" in draft.fields
    return draft if draft.says_something else None


def native_draft(piece: Piece) -> NativeDraft:
    """A native block; without a key it is whole."""
    fields: Block = {"type": "native", "protocol": piece["protocol"], "value": piece["value"]}
    if piece.get("text"):
        fields["text"] = piece["text"]
    draft = NativeDraft(fields, piece.get("key"))
    draft.ended = draft.key is None
    return draft


def whole_draft(block: Block) -> Draft | None:
    """The draft of a complete block that is no tool call; None when it says nothing."""
    kind = block["type"]
    if kind not in TEXTUAL:
        return Draft(block)
    fields = {name: value for name, value in cast("dict[str, Json]", block).items() if name not in GROWING}
    draft = TEXTUAL[kind](cast("Block", fields))
    draft.pieces += [block["text"]] if block.get("text") else []
    draft.signature += [block["signature"]] if block.get("signature") else []
    draft.citations += block.get("citations", [])
    return draft if draft.says_something else None
