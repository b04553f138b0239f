"""The engine that is traced: it converts as always, with interpreted mappings, and tells what it does in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from ccproxy.conversion.engine import Engine, random_id
from ccproxy.conversion.exchange import Exchange
from ccproxy.mapping.drops import loss_label
from ccproxy.trace.library import TracingLibrary
from ccproxy.trace.model import Drop
from ccproxy.trace.transforms import SEQUENCER

if TYPE_CHECKING:
    from ccproxy.conversion.backend import Backend
    from ccproxy.conversion.exchange import RequestEdit
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.source_library import SourceLibrary
    from ccproxy.trace.evaluation import Evaluator
    from ccproxy.trace.journal import Journal
    from ccproxy.unified.answer_rules import AnswerRules

UNIFIED: Final = "unified_request"
ANSWER: Final = "unified_answer"
CHOICE: Final = "the choice of a model"
NORMAL_FORM: Final = "the engine's normal form"
POLICY: Final = "the policy of the alias"
TEXT_CALLS: Final = "tool calls in text"


class TracedExchange(Exchange):
    """An exchange that writes into its library's journal what it does besides running transforms."""

    @property
    def _journal(self) -> Journal:
        library = self.upstream.library
        assert isinstance(library, TracingLibrary)
        return library.journal

    def prepare(
        self,
        body: JsonObject,
        model: str | None,
        stream: bool | None,
        limit: RequestEdit | None = None,
        edit: RequestEdit | None = None,
    ) -> None:
        super().prepare(body, model, stream, self._told(limit), self._told(edit))

    def unified_response(self, body: JsonObject, answers: AnswerRules | None = None) -> JsonObject:
        answer = super().unified_response(body, answers)
        journal = self._journal
        journal.realigned(answer, ANSWER, "unified answer, well-formed", SEQUENCER, origin=journal.last or 0)
        return answer

    def _in_one_case(self, body: JsonObject) -> JsonObject:
        journal = self._journal
        before, origin = (
            journal.before(body),
            journal.arrive(body, "client_request", f"client request ({self.client.name})"),
        )
        cased = super()._in_one_case(body)
        journal.changed(cased, before, "client_request", "client request, names in one case", "one case", origin=origin)
        return cased

    def _normalise(self, unified: JsonObject) -> JsonObject:
        self._notice(unified, "unified request for the model chosen", CHOICE)
        journal, losses = self._journal, len(self._context.dropped)
        origin, before = journal.last or 0, journal.before(unified)
        normal = super()._normalise(unified)
        drops = [Drop(loss_label(place), reason) for place, reason in self._context.dropped[losses:]]
        journal.changed(
            normal, before, UNIFIED, "unified request in normal form", NORMAL_FORM, origin=origin, drops=drops
        )
        return normal

    def _send(self, normal: JsonObject) -> None:
        self._notice(normal, "unified request with tools as text", TEXT_CALLS)
        super()._send(normal)

    def _told(self, edit: RequestEdit | None) -> RequestEdit | None:
        """The edit, with what it changes written down."""
        if edit is None:
            return None

        def tell(unified: JsonObject) -> JsonObject:
            self._notice(unified, "unified request for the model chosen", CHOICE)
            journal = self._journal
            origin, before = journal.last or 0, journal.before(unified)
            changed = edit(unified)
            journal.changed(changed, before, UNIFIED, "unified request after policies", POLICY, origin=origin)
            return changed

        return tell

    def _notice(self, unified: JsonObject, title: str, by: str) -> None:
        """Write down what was changed in a request since the last stage."""
        journal = self._journal
        journal.realigned(unified, UNIFIED, title, by, origin=journal.last or 0)


class TracedEngine(Engine):
    """An engine for one request; `journal` holds what happened to it."""

    exchange_type = TracedExchange

    def __init__(
        self,
        source: SourceLibrary,
        evaluator: Evaluator,
        journal: Journal,
        new_id: Callable[[str], str] = random_id,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(TracingLibrary(source, evaluator, journal), new_id, clock)
        self.journal = journal

    def direct_request(self, body: JsonObject, backend: Backend, quirks: Sequence[str] = ()) -> JsonObject | None:
        """As always; the client's body is a stage that quirks change."""
        self.journal.recognise(body)
        return super().direct_request(body, backend, quirks)
