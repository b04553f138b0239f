"""A sequencer that finds the calls in its upstream's text and says them as calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

from ccproxy.unified.fitted_answers import FittedSequencer

if TYPE_CHECKING:
    from ccproxy.compat.events import Event
    from ccproxy.compat.parser import CallParser
    from ccproxy.jsontypes import JsonObject
    from ccproxy.unified.answer_state import SequencerOptions
    from ccproxy.unified.deltas import EmitDeltas
    from ccproxy.unified.model import Block, Citation, Error, Key, Piece

KEY = "call in text {}"


class CallingSequencer(FittedSequencer):
    """Text goes through a parser; all else passes, behind the text that came before it."""

    __slots__ = ("_may_hold", "_parser", "_text_keys")

    def __init__(
        self,
        emit: Callable[[JsonObject], None],
        options: SequencerOptions,
        emit_deltas: EmitDeltas | None,
        parser: CallParser,
        *,
        may_hold: bool = False,
    ) -> None:
        super().__init__(emit, options, emit_deltas)
        self._parser = parser
        self._may_hold = may_hold
        self._text_keys: set[Key] = set()  # of blocks whose text was taken apart

    def text(self, value: str | Piece) -> None:
        text = value if isinstance(value, str) else value.get("text", "")
        if self._text_pieces is not None and self._parser.passes(text):
            super().text(value)
        elif not self.finished:
            self._text({"text": text} if isinstance(value, str) else value)

    def reasoning(self, value: str | Piece) -> None:
        if value if isinstance(value, str) else value.get("text") or value.get("encrypted"):
            self._settle()
        super().reasoning(value)

    def tool_call(self, value: Piece) -> None:
        self._settle()
        super().tool_call(value)

    def citation(self, value: Citation) -> None:
        if not self._parser.is_in_call:
            self._settle()
        super().citation(value)

    def native(self, value: Piece) -> None:
        self._settle()
        super().native(value)

    def refusal(self, value: str | Piece) -> None:
        self._settle()
        super().refusal(value)

    def block(self, value: Block) -> None:
        """A whole block; text with calls in it becomes several, without them it stays what it is."""
        if value["type"] != "text":
            self._settle()
            super().block(value)
            return
        events = [*self._parser.feed(value.get("text", "")), *self._parser.finish()]
        if any(event.kind != "text" for event in events):
            self._say(events)
            super().block_end(True)
        elif events:
            super().block(value)

    def block_end(self, value: bool | Piece) -> None:
        """The end of a block; a call in it may go on for as long as no other block begins."""
        if value is False or self.finished:
            return
        if self._parser.is_in_call:
            return
        self._settle()
        super().block_end(True if value is not True and value.get("key") in self._text_keys else value)

    def end(self, value: bool) -> None:
        if value and not self._parser.is_kept and self._finish_text():
            super().end(value)

    def close(self) -> None:
        """End the answer; what was kept of it is said, for nobody asked its model again."""
        if not self._finish_text():
            self._say(self._parser.finish())
        super().close()

    def error(self, value: Error) -> None:
        """End in an error; an answer that is kept was not given to the client, which gets the error alone."""
        if not self.finished and not self._parser.is_kept:
            self._settle(cut=True)
        super().error(value)

    def _grow(self, kind: Literal["text", "reasoning", "refusal"], piece: Piece) -> None:
        text = piece.get("text")
        if kind != "text" or not text:
            if text:
                self._settle()
            super()._grow(kind, piece)
            return
        self._parser.may_hold = self._may_hold and not self.started
        events = self._parser.feed(text)
        if [(event.kind, event.text) for event in events] == [("text", text)]:
            super()._grow(kind, piece)
            return
        if "key" in piece:
            self._keys.add(piece["key"])
            self._text_keys.add(piece["key"])
        self._say(events)

    def _finish_text(self) -> bool:
        """The answer is over: say what of its text was held back; false when it is kept instead."""
        if self._accepts():
            stop = self._answer.stop
            self._say(self._parser.finish(cut=stop is not None and stop["reason"] == "length"))
        return not self._parser.is_kept

    def _settle(self, *, cut: bool = False) -> None:
        """Something else than text comes: what was held back stands before it."""
        if self._accepts() and not self._parser.is_idle:
            self._say(self._parser.finish(cut=cut))

    def _say(self, events: Iterable[Event]) -> None:
        for event in events:
            match event.kind:
                case "text":
                    super()._grow("text", {"text": event.text})
                case "call":
                    super().tool_call({"key": KEY.format(event.call), "name": event.text})
                case "arguments":
                    super().tool_call({"key": KEY.format(event.call), "arguments": event.text})
                case "end":
                    super().block_end({"key": KEY.format(event.call)})
