"""Answers that say only what a client's protocol can hold: no blocks and marks that it would have to hide or lose."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ccproxy.jsontypes import JsonObject
from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.deltas import EmitDeltas
from ccproxy.unified.model import Block, Key, Piece
from ccproxy.unified.sequencer import Sequencer


class FittedSequencer(Sequencer):
    """A sequencer for one client: what its protocol cannot hold is shown as text, moved or left out."""

    __slots__ = ("_hidden",)

    def __init__(
        self, emit: Callable[[JsonObject], None], options: SequencerOptions, emit_deltas: EmitDeltas | None = None
    ) -> None:
        super().__init__(emit, options, emit_deltas)
        self._hidden: set[Key] = set()  # keys of native blocks that the client is not shown

    def native(self, value: Piece) -> None:
        natives = self._answer.options.answers.natives
        if natives is None or value["protocol"] in natives:
            super().native(value)
        else:
            self._hidden.update((value["key"],) if "key" in value else ())
            self._show(value)

    def block(self, value: Block) -> None:
        match value["type"]:
            case "native":
                self.native(cast("Piece", value))
            case "text" if "signature" in value and not self._signs_blocks:
                plain = _unsigned(value)
                if plain["text"]:
                    super().block(plain)
            case "tool_call" if "signature" in value and not self._signs_blocks:
                self._carry(cast("Piece", value))
                super().block(_unsigned(value))
            case _:
                super().block(value)

    def _text(self, piece: Piece) -> None:
        super()._text(piece if "signature" not in piece or self._signs_blocks else cast("Piece", _unsigned(piece)))

    def _tool_call(self, piece: Piece) -> None:
        if piece.get("key") in self._hidden and not (piece.get("id") or piece.get("name")):
            return
        if "signature" in piece and not self._signs_blocks:
            self._carry(piece)
            piece = cast("Piece", _unsigned(piece))
        super()._tool_call(piece)

    @property
    def _signs_blocks(self) -> bool:
        return self._answer.options.answers.signatures == "blocks"

    def _carry(self, call: Piece) -> None:
        """Put the signature of a call into the thoughts before it."""
        if self._answer.options.answers.signatures == "thoughts" and call["signature"] and self._accepts():
            self._grow("reasoning", {"text": "", "signature": call["signature"], "origin": call.get("origin", "")})

    def _show(self, native: Piece) -> None:
        """Write what others can be shown of a native block, if anything."""
        text = native.get("text")
        if text and native.get("key") is None:
            super().block({"type": "text", "text": text})
        elif text and self._accepts():
            self._grow("text", {"key": native["key"], "text": text})


def _unsigned(block: Block | Piece) -> Block:
    return cast("Block", {name: value for name, value in block.items() if name not in ("signature", "origin")})
