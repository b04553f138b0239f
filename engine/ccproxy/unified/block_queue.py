"""One open block at a time, in order: blocks that come while another is incomplete wait their turn.

place -> waiting -> open -> closed        indices from 0, in the order of opening
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias, cast

from ccproxy.jsontypes import JsonObject
from ccproxy.unified.call_draft import CallDraft
from ccproxy.unified.drafts import Draft, TextDraft
from ccproxy.unified.model import Block, Citation, Event, Key, Piece

Emit: TypeAlias = Callable[[Event], None]

UNNAMED_TOOL: Final = "unnamed_tool"
NO_KEY: Final = object()


class BlockQueue:
    """Turns drafts into block events. State of one stream; `Sequencer` is its one owner."""

    __slots__ = (
        "_call_key", "_call_pieces", "_content", "_emit", "_held_citations", "_index", "_keys", "_open", "_open_key",
        "_streams_text", "_text_pieces", "_thought_pieces", "_tool_index", "_waiting", "argument_texts",
    )  # fmt: skip

    def __init__(self, emit: Callable[[JsonObject], None], *, streams_text: bool) -> None:
        self._emit = cast("Emit", emit)
        self._streams_text = streams_text
        self._open: Draft | None = None
        self._waiting: list[Draft] = []
        self._content: list[Block] = []
        self.argument_texts: list[str] = []
        self._keys: set[Key] = set()
        self._index = 0
        self._tool_index = 0
        self._held_citations: list[Citation] = []
        self._text_pieces: list[str] | None = None
        self._thought_pieces: list[str] | None = None
        self._open_key: object = NO_KEY
        self._call_pieces: list[str] = []
        self._call_key: object = NO_KEY

    @property
    def open_block(self) -> JsonObject | None:
        """What was known of the open block when it opened or has been said of it since, besides its text."""
        return cast("JsonObject", self._open.fields) if self._open is not None else None

    def _before_blocks(self) -> None:
        """Called before anything is emitted about a block."""

    def _latest(self) -> Draft | None:
        """The draft that unkeyed pieces belong to: the last to wait, else the open one."""
        return self._waiting[-1] if self._waiting else self._open

    def _place(self, draft: Draft) -> None:
        self._waiting.append(draft)
        if draft.key is not None:
            self._keys.add(draft.key)
        self._advance()

    def _advance(self) -> None:
        """Open waiting blocks for as long as the one before them may close."""
        while self._waiting and self._waiting[0].is_ready:
            if self._open is not None:
                if not self._open.gives_way(self._waiting):
                    break
                self._close()
            self._start(self._waiting.pop(0))
        self._prepare_fast_paths()

    def _start(self, draft: Draft) -> None:
        self._before_blocks()
        self._open = draft
        if isinstance(draft, TextDraft) and draft.kind == "text" and self._held_citations:
            draft.citations += self._held_citations
            self._held_citations = []
        if isinstance(draft, CallDraft):
            draft.index = self._tool_index
            self._tool_index += 1
        self._emit(self._located({"type": "block_start", "block": draft.head()}, draft))
        for delta in draft.deltas():
            self._emit(self._located(delta, draft))
        if draft.ended:
            self._close()

    def _close(self) -> None:
        draft = self._open
        if draft is None:
            return
        for delta in draft.closing_deltas():
            self._emit(self._located(delta, draft))
        block = draft.finished()
        draft.closed = True
        self._content.append(block)
        is_told = isinstance(draft, CallDraft) and not draft.is_withheld
        self.argument_texts.append("".join(draft.pieces) if is_told else "")
        self._emit(self._located({"type": "block_stop", "block": block}, draft))
        self._open = None
        self._index += 1
        self._prepare_fast_paths()

    def _end(self, draft: Draft) -> None:
        """Mark a block as complete, and close it when it is open."""
        draft.ended = True
        if draft is self._open:
            self._close()
            self._advance()

    def _end_all(self) -> None:
        """Open and close whatever waits, complete or not."""
        while self._open is not None or self._waiting:
            self._close()
            if self._waiting:
                self._start(self._named(self._waiting.pop(0)))
        if self._held_citations:
            self._start(TextDraft({"type": "text"}))
            self._close()

    def _named(self, draft: Draft) -> Draft:
        if not draft.is_ready:
            draft.fields["name"] = UNNAMED_TOOL
        return draft

    def _add(self, draft: Draft, piece: Piece) -> None:
        """Add a piece to a draft, and emit it unless the draft still waits."""
        for delta in draft.grow(piece):
            self._delta(draft, delta)

    def _complete_draft(self, draft: Draft, block: Block) -> None:
        """Add what of a whole block did not come in pieces; a block of another kind says nothing about this one."""
        if (block["type"] == "native") != (draft.kind == "native"):
            return
        for delta in draft.complete(block):
            self._delta(draft, delta)

    def _delta(self, draft: Draft, delta: Event) -> None:
        if draft is self._open:
            self._emit(self._located(delta, draft))

    def _located(self, event: Event, draft: Draft) -> Event:
        event["index"] = self._index
        if isinstance(draft, CallDraft):
            event["tool_index"] = draft.index
        return event

    def _with_key(self, key: Key | None) -> Draft | None:
        """The unfinished block that an upstream's key names."""
        if key is None:
            return None
        candidates = [*reversed(self._waiting), *([self._open] if self._open is not None else [])]
        return next((draft for draft in candidates if draft.key == key and not draft.ended), None)

    def _prepare_fast_paths(self) -> None:
        """Say which pieces may be passed on without looking at the rest of the state."""
        draft = self._open
        self._text_pieces = self._thought_pieces = None
        self._open_key = self._call_key = NO_KEY
        if self._waiting or draft is None:
            return
        key = NO_KEY if draft.key is None else draft.key
        if isinstance(draft, CallDraft):
            if not draft.is_withheld and draft.whole is None:
                self._call_pieces, self._call_key = draft.pieces, key
        elif draft.kind == "text" and self._streams_text:
            self._text_pieces, self._open_key = draft.pieces, key
        elif draft.kind == "reasoning" and self._streams_text and not draft.signature:
            self._thought_pieces, self._open_key = draft.pieces, key
