"""Tool calls in text for one request: what is asked, how its answer is read, and what is asked when that fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from ccproxy.compat.parser import CallParser
from ccproxy.compat.request import rewrite_request
from ccproxy.compat.sequencer import CallingSequencer
from ccproxy.unified.fitted_answers import FittedSequencer
from ccproxy.unified.naming import NameRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.compat.book import DialectBook
    from ccproxy.compat.dialects import Dialect
    from ccproxy.compat.request import Rewritten
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.unified.answer_state import SequencerOptions
    from ccproxy.unified.deltas import EmitDeltas
    from ccproxy.unified.model import Block, Message
    from ccproxy.unified.normal_rules import NormalRules

# Names in text have to be read again; no upstream sees them as names.
_NAMES: Final = NameRule(allowed=r"[\w.:/-]", max=200)
MUST_CALL: Final = frozenset({"required", "tool"})
NO_CALL: Final = "a tool had to be called, and none was"
NO_ANSWER: Final = "(no answer)"


@dataclass(frozen=True, slots=True)
class CompatMode:
    """Calls in a dialect. `retry`: the model may be asked once more where its call was not understood."""

    book: DialectBook
    dialect: Dialect
    retry: bool = True

    def begin(self) -> CompatTurn:
        """Begin with one request."""
        return CompatTurn(self)


class CompatTurn:
    """State of one request and its answer."""

    def __init__(self, mode: CompatMode) -> None:
        self._mode = mode
        self._guide = mode.book.guide(mode.dialect)
        self._rewritten: Rewritten | None = None
        self._parser: CallParser | None = None
        self._sequencer: CallingSequencer | None = None
        self._at_once = False
        self._may_retry = mode.retry

    def rules(self, rules: NormalRules) -> NormalRules:
        """What the upstream demands of a request that shows it no tools."""
        return replace(rules, tool_name=_NAMES, property_name=None, signed_tool_turns=False, trailing_calls="answer")

    def request(self, unified: JsonObject) -> JsonObject:
        """The request to send in place of one in normal form."""
        self._rewritten = rewrite_request(unified, self._mode.dialect, self._guide)
        return self._rewritten.request

    def sequencer(
        self,
        emit: Callable[[JsonObject], None],
        options: SequencerOptions,
        emit_deltas: EmitDeltas | None = None,
        *,
        at_once: bool = False,
    ) -> FittedSequencer:
        """A sequencer for the answer; `at_once`: what it emits goes to the client before the answer is complete."""
        if self._rewritten is None or not self._rewritten.toolbox.tools:
            return FittedSequencer(emit, options, emit_deltas)
        self._at_once = at_once
        self._parser = CallParser(self._mode.book.grammar(self._mode.dialect), self._rewritten.toolbox)
        may_hold = at_once and self._may_retry
        self._sequencer = CallingSequencer(emit, options, emit_deltas, self._parser, may_hold=may_hold)
        return self._sequencer

    @property
    def malformed(self) -> str:
        """Why the answer was not understood, where the client has none of it and the model may be asked again."""
        parser, rewritten = self._parser, self._rewritten
        if parser is None or rewritten is None or not self._may_retry:
            return ""
        if self._at_once:
            return parser.reason if parser.is_kept else ""
        misses_call = rewritten.choice.mode in MUST_CALL and not parser.calls
        return parser.reason or (NO_CALL if misses_call else "")

    def corrected(self, sent: JsonObject) -> JsonObject:
        """The request that asks the model again, from the unified one that was sent; that can be done once."""
        rewritten, reason = self._rewritten, self.malformed
        assert rewritten is not None
        self._may_retry = False
        told = self._guide.correction(rewritten.toolbox, rewritten.choice, reason)
        answer: Block = {"type": "text", "text": self._answer_text().strip() or NO_ANSWER}
        messages = [
            *cast("list[Message]", sent["messages"]),
            {"role": "assistant", "content": [answer]},
            {"role": "user", "content": [{"type": "text", "text": told}]},
        ]
        return {**sent, "messages": cast("Json", messages)}

    def _answer_text(self) -> str:
        if self._parser is not None and self._parser.is_kept:
            return self._parser.unsaid
        content = self._sequencer.response["content"] if self._sequencer is not None else []
        blocks = cast("list[Block]", content)
        return "".join(block["text"] for block in blocks if block["type"] == "text")
