"""Recorded sessions, played once more through an engine that is traced."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.conversion.errors import MappingFailure
from ccproxy.record.conversing import DIRECT, Conversation, NotReplayableError
from ccproxy.wire.limits import EventTooLargeError
from ccproxy.wire.readers import reader_for

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json
    from ccproxy.record.session import Body, Session
    from ccproxy.trace.engine import TracedEngine
    from ccproxy.trace.journal import Journal

AS_SENT: Final = "the choice of a model, and policies"


def play(session: Session, engine: TracedEngine, journal: Journal) -> str:
    """Play all tries of a session; return why that ended early."""
    unknown = [one.protocol for one in session.tries if one.protocol not in engine.protocols]
    if session.asked.protocol not in engine.protocols or unknown:
        return f"there is no protocol `{unknown[0] if unknown else session.asked.protocol}`"
    if session.way == DIRECT or not session.tries:
        journal.arrive(_parsed(session.asked.body.data), "client_request", f"client request ({session.asked.protocol})")
    if not session.tries:
        return session.error or "no provider was asked"
    try:
        return _Player(session, engine, journal).play()
    except (NotReplayableError, MappingFailure) as failure:
        return str(failure)


def facts_of(session: Session) -> dict[str, str]:
    """What was asked of whom, in words."""
    last = session.tries[-1] if session.tries else None
    known = {
        "asked": f"{session.asked.method} {session.asked.path}",
        "client": session.asked.protocol,
        "model asked for": session.asked_model,
        "group": str(session.facts.get("group") or ""),
        "key": str(session.facts.get("key") or ""),
        "way": session.way,
        "provider": f"{last.provider} ({last.protocol})" if last else "",
        "model": last.model if last else "",
        "quirks": ", ".join(last.quirks) if last else "",
        "tries": " · ".join(f"{one.provider} {one.outcome or one.answer.status}" for one in session.tries),
        "answer": str(session.answered.status or "none"),
        "error": session.error,
    }
    return {name: text for name, text in known.items() if text}


@dataclass(slots=True)
class _Player:
    session: Session
    engine: TracedEngine
    journal: Journal

    def play(self) -> str:
        conversation = Conversation(self.session, self.engine, self._asked)
        for number, one in enumerate(self.session.tries):
            self.journal.attempt, self.journal.step = number, 0
            conversation.play(one)
        last = self.session.tries[-1]
        if self.session.way == DIRECT and last.answer.body is not None:
            framing = self.engine.protocols[last.protocol].stream.framing
            said = _documents(last.answer.body, last.answer.headers, framing)
            number = self.journal.arrive(said, "upstream_answer", f"upstream answer ({last.protocol})")
            self.journal.passed_on(number, "client_answer", "client answer, as it came")
            return ""
        return "" if conversation.run.answer is not None else conversation.run.unanswered

    def _asked(self, request: Json) -> None:
        """Note what is sent in the end."""
        journal, origin = self.journal, self.journal.last
        if isinstance(request, dict) and "refused" in request:
            refused = request["refused"]
            journal.refuse(refused if isinstance(refused, dict) else {})
        elif origin is not None:
            journal.realigned(request, "upstream_request", "upstream request as sent", AS_SENT, origin=origin)


def _documents(body: Body, headers: Mapping[str, str], framing: str) -> Json:
    """An answer as one document, or as the list of a stream's."""
    if "json" in headers.get("content-type", "json") and framing != "ndjson":
        return _parsed(body.data)
    reader = reader_for(framing)
    try:
        return [_parsed(payload) for payload in [*reader.feed(body.data), *reader.close()]]
    except EventTooLargeError:
        return body.data.decode("utf-8", "replace")


def _parsed(data: bytes) -> Json:
    try:
        value: Json = json.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")
    return value
