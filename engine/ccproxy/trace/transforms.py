"""The transforms of one protocol or quirk as functions of the same form as generated ones; each writes a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.drops import build_drops, drop_label, find_drops, loss_label
from ccproxy.trace.delivery import edited, fragments, root_scope, tell
from ccproxy.trace.journal import FRAGMENTS, REFUSAL
from ccproxy.trace.made import Note, Path, notes_of, under
from ccproxy.trace.model import Drop

if TYPE_CHECKING:
    from ccproxy.conversion.context import Context
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.model import Direction, Folder
    from ccproxy.mapping.template import Template
    from ccproxy.trace.interpreter import Interpreter
    from ccproxy.trace.journal import Journal
    from ccproxy.unified.sequencer import Sequencer

Names = tuple[str, str]  # of a stage, in data and for people
INPUTS: Final[dict[Names, Names]] = {
    ("request", "to_unified"): ("client_request", "client request"),
    ("response", "to_unified"): ("upstream_answer", "upstream answer"),
    ("stream", "to_unified"): ("upstream_event", "upstream event"),
    ("error", "to_unified"): ("upstream_error", "upstream error"),
    ("request", "from_unified"): ("unified_request", "unified request"),
    ("response", "from_unified"): ("unified_answer", "unified answer"),
    ("stream", "from_unified"): ("unified_event", "unified event"),
    ("error", "from_unified"): ("unified_error", "unified error"),
}
OUTPUTS: Final[dict[Names, Names]] = {
    ("request", "to_unified"): ("unified_request", "unified request"),
    ("response", "to_unified"): ("unified_answer", "unified answer"),
    ("stream", "to_unified"): (FRAGMENTS, "fragments"),
    ("error", "to_unified"): ("unified_error", "unified error"),
    ("request", "from_unified"): ("upstream_request", "upstream request"),
    ("response", "from_unified"): ("client_answer", "client answer"),
    ("stream", "from_unified"): ("client_events", "client events"),
    ("error", "from_unified"): ("client_error", "client error"),
}
EDITED: Final[dict[str, Names]] = {
    "request": ("upstream_request", "upstream request"),
    "response": ("upstream_answer", "upstream answer"),
    "chunk": ("upstream_event", "upstream event"),
}
SEQUENCER: Final = "the engine's sequencer"


@dataclass(slots=True)
class Transforms:
    """Interprets for one folder (None for a quirk) and writes into the journal of one request."""

    journal: Journal
    interpreter: Interpreter
    folder: Folder | None
    known_fields: frozenset[str]

    def value(self, kind: str, direction: Direction, template: Template) -> Callable[[Json, Context], Json]:
        """A transform from one document to another."""
        key = kind.rpartition("_")[2], direction

        def run(value: Json, context: Context) -> Json:
            origin = self._input(value, *key)
            mark = len(self.interpreter.losses)
            try:
                made = self.interpreter.value(template, root_scope(value, context))
            except Rejection as rejection:
                self.journal.derived({"error": rejection.error}, REFUSAL, "refused", "`$reject`", origin=origin)
                raise
            document = None if made is None else made.value
            number = self.journal.open(*self._named(OUTPUTS[key]), document, origin)
            drops = [*self._reached(mark), *self._declared(kind, direction, value)]
            self.journal.close(number, {} if made is None else notes_of(made), drops, self._roots(context))
            return document

        return run

    def fragments(self, template: Template) -> Callable[[Json, Context, Sequencer], None]:
        """The transform of an upstream's events."""

        def run(value: Json, context: Context, sink: Sequencer) -> None:
            origin = self._input(value, "stream", "to_unified")
            said: list[Json] = []
            notes: dict[Path, Note] = {}
            number = self.journal.open(*self._named(OUTPUTS["stream", "to_unified"]), said, origin)
            mark = len(self.interpreter.losses)
            for kind, made in fragments(self.interpreter, template, root_scope(value, context), sink):
                told = under(kind, notes_of(made)) if kind else notes_of(made)
                notes |= under(len(said), told)
                said.append({kind: made.value} if kind else made.value)
                tell(sink, kind, made)
            drops = [*self._reached(mark), *self._declared("stream", "to_unified", value)]
            self.journal.close(number, notes, drops, self._roots(context))

        return run

    def events(
        self, template: Template, encode: Callable[[Json], object]
    ) -> Callable[[Context, list[object], Json], None]:
        """The transform of unified events into those of a client."""

        def run(context: Context, out: list[object], event: Json) -> None:
            origin = self._input(event, "stream", "from_unified")
            said: list[Json] = []
            notes: dict[Path, Note] = {}
            mark = len(self.interpreter.losses)
            for made in self.interpreter.outputs(template, root_scope(event, context)):
                notes |= under(len(said), notes_of(made))
                said.append(made.value)
                out.append(encode(made.value))
                context.sequence += 1
            number = self.journal.open(*self._named(OUTPUTS["stream", "from_unified"]), said, origin)
            self.journal.close(number, notes, self._reached(mark), self._roots(context))

        return run

    def edit(self, quirk: str, kind: str, template: Template) -> Callable[[JsonObject, Context], JsonObject]:
        """An edit of a quirk."""

        def run(body: JsonObject, context: Context) -> JsonObject:
            origin = self._edited_input(body, kind)
            mark = len(self.interpreter.losses)
            changed, notes = edited(self.interpreter, template, body, context)
            drops = self._reached(mark)
            if changed == body and not drops:
                self.journal.know(changed, origin)
                return changed
            name, title = EDITED[kind]
            number = self.journal.open(name, f"{title} after the quirk {quirk}", changed, origin)
            self.journal.close(number, notes, drops, self._roots(context))
            return changed

        return run

    def _named(self, names: Names) -> Names:
        return names[0], f"{names[1]} ({self.folder.name})" if self.folder and "unified" not in names[0] else names[1]

    def _input(self, value: Json, half: str, direction: str) -> int:
        known = self.journal.number_of(value)
        if known is not None:
            return known
        name, title = self._named(INPUTS[half, direction])
        last = self.journal.last
        if direction == "to_unified" or last is None:
            self.journal.step += name == "upstream_event"
            return self.journal.arrive(value, name, title)
        return self.journal.derived(value, name, title, SEQUENCER, origin=self._origin(last, half))

    def _origin(self, last: int, half: str) -> int:
        """The stage that a document of the engine's own making comes from: of a stream the fragments it has so far."""
        stages = self.journal.stages
        wanted = (FRAGMENTS, "unified_answer") if half == "stream" else ()
        for number in range(last, -1, -1):
            if stages[number].name in wanted:
                return number
        return last

    def _edited_input(self, body: JsonObject, kind: str) -> int:
        known = self.journal.number_of(body)
        if known is not None:
            return known
        self.journal.step += kind == "chunk"
        return self.journal.arrive(body, *EDITED[kind])

    def _roots(self, context: Context) -> dict[str, int]:
        """The stages that the engine's variables are."""
        held = {"request": context.request, "unified": context.unified}
        numbers = {name: self.journal.number_of(value) for name, value in held.items()}
        return {name: number for name, number in numbers.items() if number is not None}

    def _reached(self, mark: int) -> list[Drop]:
        """Every `$drop` that was reached since; transforms run inside others, and each takes its own."""
        losses = self.interpreter.losses
        taken = losses[mark:]
        del losses[mark:]
        return [Drop(loss_label(loss.label), loss.reason, loss.place) for loss in taken]

    def _declared(self, kind: str, direction: Direction, value: Json) -> Iterable[Drop]:
        """The fields that the folder says it does not carry, and those that nobody knows."""
        if self.folder is None:
            return
        entries = self.folder.drops.get((kind, direction), ())
        lines: dict[str, Span] = {drop_label(entry.pointer): entry.node.span for entry in entries}
        found: list[tuple[str, str]] = []
        find_drops(build_drops([(entry.pointer, entry.reason) for entry in entries]), value, found)
        yield from (Drop(label, reason, lines.get(label)) for label, reason in found)
        if kind == "request" and direction == "to_unified" and self.known_fields and isinstance(value, dict):
            yield from (Drop(name, "unknown field") for name in value if name not in self.known_fields)
