"""Traces of one message, and of whole recorded sessions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from ccproxy.conversion.errors import MappingFailure, RequestRejected, UpstreamError
from ccproxy.conversion.from_source import open_source_library
from ccproxy.record.replaying import Moment
from ccproxy.trace.engine import TracedEngine
from ccproxy.trace.evaluation import Evaluator
from ccproxy.trace.journal import Journal
from ccproxy.trace.model import Trace
from ccproxy.trace.playing import facts_of, play

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.source_library import SourceLibrary
    from ccproxy.record.session import Session

Kind = Literal["request", "response", "stream", "error"]
KINDS: Final[tuple[Kind, ...]] = ("request", "response", "stream", "error")


@dataclass(frozen=True, slots=True)
class Message:
    """One message to trace: what to convert from which protocol to which. `request` is the client's own, which an
    answer is for.
    """

    kind: Kind
    source: str
    target: str
    data: bytes
    model: str | None = None
    quirks: tuple[str, ...] = ()
    request: JsonObject | None = None
    status: int = 400


@dataclass(frozen=True, slots=True)
class Tracer:
    """Mappings read for traces, which may be many."""

    source: SourceLibrary
    evaluator: Evaluator
    roots: tuple[Path, ...]

    def message(self, message: Message, now: float = 0.0) -> Trace:
        """Convert one message; raises ValueError when it is no JSON, LookupError for an unknown protocol."""
        moment, journal = Moment(now), Journal()
        engine = TracedEngine(self.source, self.evaluator, journal, moment.new_id, lambda: moment.now)
        failure = ""
        try:
            _convert(engine, message)
        except (RequestRejected, UpstreamError) as refused:
            failure = str(refused)
            journal.refuse(refused.error)
        except MappingFailure as broken:
            failure = str(broken)
        facts = {"from": message.source, "to": message.target, "kind": message.kind, "model": message.model or ""}
        facts["quirks"] = ", ".join(message.quirks)
        title = f"{message.kind} from {message.source} to {message.target}"
        return Trace(title, {name: text for name, text in facts.items() if text}, tuple(journal.stages), failure)

    def session(self, session: Session) -> Trace:
        """Play a recorded session once more."""
        moment, journal = Moment(session.recorded_at), Journal()
        engine = TracedEngine(self.source, self.evaluator, journal, moment.new_id, lambda: moment.now)
        failure = play(session, engine, journal)
        return Trace(f"session {session.id}", facts_of(session), tuple(journal.stages), failure)


def open_tracer(roots: Sequence[Path]) -> Tracer:
    """Read mappings; raises MappingError."""
    source = open_source_library(roots)
    return Tracer(source, Evaluator(source.tree.tables), tuple(roots))


def _convert(engine: TracedEngine, message: Message) -> None:
    if message.kind == "stream":
        exchange = engine.answering(message.source, message.target, message.request, message.quirks)
        stream = exchange.stream()
        stream.feed(message.data)
        stream.close()
        return
    if message.kind == "error":
        exchange = engine.answering(message.source, message.target, message.request, message.quirks)
        exchange.error(message.status, _parsed(message.data))
        return
    body: JsonObject = json.loads(message.data)
    if message.kind == "request":
        engine.open(message.source, message.target, body, model=message.model, quirks=message.quirks)
    else:
        engine.answering(message.source, message.target, message.request, message.quirks).response(body)


def _parsed(data: bytes) -> Json:
    """The body of an error, which need not be JSON."""
    try:
        value: Json = json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
    return value
