"""What a conversion needs of those who write tool calls as text: they change its request and read its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.jsontypes import JsonObject
    from ccproxy.unified.answer_state import SequencerOptions
    from ccproxy.unified.deltas import EmitDeltas
    from ccproxy.unified.fitted_answers import FittedSequencer
    from ccproxy.unified.normal_rules import NormalRules


class TextCalls(Protocol):
    """State of one request and its answer."""

    @property
    def malformed(self) -> str:
        """Why the answer was not understood, where the model may be asked again; else ""."""

    def rules(self, rules: NormalRules) -> NormalRules:
        """Return what the upstream demands of such a request."""

    def request(self, unified: JsonObject) -> JsonObject:
        """Return the request to send in place of one in normal form."""

    def sequencer(
        self,
        emit: Callable[[JsonObject], None],
        options: SequencerOptions,
        emit_deltas: EmitDeltas | None = None,
        *,
        at_once: bool = False,
    ) -> FittedSequencer:
        """Return a sequencer that understands the answer; `at_once`: what it emits goes to the client at once."""

    def corrected(self, sent: JsonObject) -> JsonObject:
        """Return the request that asks the model again."""


class TextCallMode(Protocol):
    """Settings; each request begins with a state of its own."""

    def begin(self) -> TextCalls:
        """Begin with one request."""
