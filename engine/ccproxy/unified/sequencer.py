"""Fragments of an upstream's stream in, a strictly well-formed event stream out.

    message_start (block_start block_delta* block_stop)* message_stop | error        ping anywhere

One method per kind of fragment (schemas/unified/fragment.schema.json); the events are those of
event.schema.json. An error before anything else stands alone, so that a client can still be given a status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.unified.answer_state import AnswerState, SequencerOptions
from ccproxy.unified.block_queue import BlockQueue
from ccproxy.unified.call_draft import CallDraft, continued_call
from ccproxy.unified.call_identity import CallIdentity
from ccproxy.unified.deltas import DeltaVoice, EmitDeltas, event_deltas
from ccproxy.unified.drafts import NativeDraft
from ccproxy.unified.model import Block, Citation, Error, Extra, Piece, Response, Stop, Usage
from ccproxy.unified.new_drafts import Textual, continues, native_draft, textual_draft, whole_draft
from ccproxy.unified.think_tags import Part, ThinkTags
from ccproxy.unified.usage import merge_usage

CUT_SHORT: Error = {"kind": "upstream", "message": "the upstream ended the stream before its answer was complete"}
NO_ANSWER: Error = {"kind": "upstream", "message": "the upstream ended the stream without an answer"}


class Sequencer(BlockQueue):
    """The sink of one upstream stream."""

    __slots__ = (
        "_answer",
        "_calls",
        "_deltas",
        "_identity",
        "_tags",
        "error_sent",
        "finished",
        "head",
        "started",
        "wants_message",
    )

    def __init__(
        self, emit: Callable[[JsonObject], None], options: SequencerOptions, emit_deltas: EmitDeltas | None = None
    ) -> None:
        super().__init__(emit, streams_text=options.think_tags is None)
        self._deltas = DeltaVoice(emit_deltas or event_deltas(emit))
        self._answer = AnswerState(options)
        self._calls: list[CallDraft] = []
        self._identity = CallIdentity(options.names, options.new_id, options.call_prefix)
        self._tags = ThinkTags(*options.think_tags) if options.think_tags else None
        self.wants_message = True
        self.started = False
        self.finished = False
        self.head: JsonObject = {}  # id, model, created and the finished blocks, from message_start on
        self.error_sent: JsonObject | None = None

    @property
    def response(self) -> JsonObject:
        """The answer so far: its complete blocks."""
        return cast("JsonObject", self._response())

    @property
    def usage_so_far(self) -> JsonObject:
        return cast("JsonObject", self._answer.usage)

    def text(self, value: str | Piece) -> None:
        pieces = self._text_pieces
        if pieces is not None:
            text = value if isinstance(value, str) else self._keyed_text(value)
            if text:
                pieces.append(text)
                self._deltas.text(self._index, text)
                return
        if not self.finished:
            self._text({"text": value} if isinstance(value, str) else value)

    def reasoning(self, value: str | Piece) -> None:
        pieces = self._thought_pieces
        if pieces is not None:
            text = value if isinstance(value, str) else self._keyed_text(value)
            if text:
                pieces.append(text)
                self._deltas.reasoning(self._index, text)
                return
        if self._accepts():
            self._grow("reasoning", {"text": value} if isinstance(value, str) else value)

    def tool_call(self, value: Piece) -> None:
        piece = value.get("arguments")
        if value.get("key") == self._call_key and len(value) == 2 and piece and isinstance(piece, str):
            self._call_pieces.append(piece)
            self._deltas.arguments(self._index, piece, self._tool_index - 1)
        elif self._accepts():
            self._tool_call(value)

    def signature(self, value: Piece) -> None:
        if self._accepts():
            self._grow("reasoning", {**value, "text": "", "signature": value["text"]})

    def refusal(self, value: str | Piece) -> None:
        if self._accepts():
            self._grow("refusal", {"text": value} if isinstance(value, str) else value)

    def citation(self, value: Citation) -> None:
        """Cite in the text that is being written; a citation that comes before its text waits for it."""
        if not self._accepts():
            return
        draft = self._latest()
        if draft is None or draft.kind != "text" or draft.ended:
            self._held_citations.append(value)
            return
        draft.citations.append(value)
        self._delta(draft, {"type": "block_delta", "kind": "citation", "value": value})

    def native(self, value: Piece) -> None:
        """Add to the native block with this key; without an open one or a key it is a block."""
        if not self._accepts():
            return
        draft = self._with_key(value.get("key"))
        if isinstance(draft, NativeDraft):
            self._add(draft, value)
        elif value.get("key") not in self._keys and not value.get("delta"):
            self._place(native_draft(value))

    def block(self, value: Block) -> None:
        """Take a whole block."""
        if not self._accepts():
            return
        draft = self._whole_call(value) if value["type"] == "tool_call" else whole_draft(value)
        if draft is not None:
            draft.ended = True
            self._place(draft)

    def block_end(self, value: bool | Piece) -> None:
        """Close a block; `block` is the whole of it, in case that some or nothing of it came in pieces."""
        if value is False or not self._accepts():
            return
        key, block = (None, None) if value is True else (value.get("key"), value.get("block"))
        draft = self._latest() if key is None else self._with_key(key)
        if draft is not None:
            if block is not None:
                self._complete_draft(draft, block)
            self._end(draft)
        elif block is not None and key not in self._keys:
            self._keys.update(() if key is None else (key,))
            self.block(block)

    def message(self, value: Piece) -> None:
        """Take the head of the answer; nothing is emitted before there is an answer to it."""
        if not self.finished:
            self._answer.add_head(value)
            self.wants_message = not (self.started or self._answer.has_head)

    def usage(self, value: Usage) -> None:
        if not self.finished:
            self._answer.usage = merge_usage(self._answer.usage, value)

    def stop(self, value: Stop) -> None:
        """Remember how the answer ended; more may follow, and of several reasons the last counts."""
        if not self.finished:
            self._answer.stop = value

    def logprobs(self, value: Json) -> None:
        if not self.finished:
            self._answer.add_logprobs(value)

    def extra(self, value: Extra) -> None:
        if not self.finished:
            self._answer.add_extra(value)

    def end(self, value: bool) -> None:
        """The upstream says that the stream is complete."""
        if value and self._accepts():
            self._complete() if self._has_answer() else self.error(NO_ANSWER)

    def error(self, value: Error) -> None:
        """End the stream in an error, after closing what is open."""
        if not self._accepts():
            return
        if self.started:
            self._end_all()
        self._finish()
        named: JsonObject = {"request_id": self._answer.options.request_id, **cast("JsonObject", value)}
        self.error_sent = named if named["request_id"] else cast("JsonObject", value)
        self._emit({"type": "error", "error": cast("Error", self.error_sent)})

    def put(self, fragment: dict[str, Json]) -> None:
        """Hand each part of a fragment to the method of its name."""
        for kind, value in fragment.items():
            getattr(self, kind)(value)

    def ping(self) -> None:
        if not self.finished:
            self._emit({"type": "ping"})

    def fail(self, error: JsonObject) -> None:
        """End the stream for a reason outside of it, such as a timeout."""
        self.error(cast("Error", error))

    def close(self) -> None:
        """The upstream has no more to send; only a stop makes the answer complete."""
        if not self._accepts():
            return
        if self._answer.stop is not None:
            self._complete()
        else:
            self.error(CUT_SHORT if self._has_answer() else NO_ANSWER)

    def _accepts(self) -> bool:
        """Whether the stream goes on; text held back is written, for what comes now stands behind it."""
        if self._tags is not None and not self.finished:
            self._write_parts(self._tags.flush())
        return not self.finished

    def _text(self, piece: Piece) -> None:
        if self._tags is None or not piece.get("text"):
            self._grow("text", piece)
        else:
            self._keys.update((piece["key"],) if "key" in piece else ())
            self._write_parts(self._tags.feed(piece["text"]))

    def _keyed_text(self, piece: Piece) -> str:
        """The text of a piece that says nothing else but the key of the open block."""
        return piece.get("text", "") if len(piece) == 2 and piece.get("key") == self._open_key else ""

    def _write_parts(self, parts: Iterable[Part]) -> None:
        for kind, text in parts:
            self._grow(kind, {"text": text})

    def _grow(self, kind: Textual, piece: Piece) -> None:
        """Add to the latest block where the piece belongs to it, else to a new one."""
        draft = self._latest()
        if draft is None or not continues(draft, kind, piece):
            draft = textual_draft(kind, piece)
            if draft is not None:
                self._place(draft)
            return
        self._add(draft, piece)
        self._prepare_fast_paths()

    def _whole_call(self, block: Block) -> CallDraft:
        call = self._identity.new_call(cast("Piece", block))
        call.grow(cast("Piece", block))
        return call

    def _tool_call(self, piece: Piece) -> None:
        native = None if piece.get("id") or piece.get("name") else self._with_key(piece.get("key"))
        if isinstance(native, NativeDraft):
            self._add(native, piece)
            return
        call = continued_call(self._calls, piece)
        if call is not None:
            self._identity.learn(call, piece, is_open=call is self._open)
            self._add(call, piece)
            self._advance()
        elif piece.get("id") or piece.get("name") or piece.get("arguments"):
            call = self._identity.new_call(piece)
            call.grow(piece)
            self._calls.append(call)
            self._place(call)

    def _finish(self) -> None:
        """Accept nothing more."""
        self.finished = True
        self._deltas.fall_silent()

    def _response(self) -> Response:
        return self._answer.message(self._content, failed=self.error_sent is not None)

    def _has_answer(self) -> bool:
        return self.started or bool(self._waiting or self._held_citations) or self._answer.stop is not None

    def _before_blocks(self) -> None:
        if not self.started:
            self.started = True
            self.wants_message = False
            start = self._answer.start_event()
            self.head = {name: start[name] for name in ("id", "model", "created")}
            self.head["content"] = cast("Json", self._content)
            self._emit(start)

    def _complete(self) -> None:
        self._before_blocks()
        self._end_all()
        self._finish()
        response = self._response()
        self._emit(
            {
                "type": "message_stop",
                "stop": response["stop"],
                "usage": response.get("usage", {}),
                "message": response,
            }
        )
