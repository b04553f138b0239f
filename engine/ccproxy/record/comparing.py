"""What differs between a recorded session and a run of it, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from orjson import JSONDecodeError, loads

from ccproxy.record.conversing import client_protocol, events_of
from ccproxy.record.edits import ABSENT, Change, changes
from ccproxy.record.masks import is_mask
from ccproxy.record.normalising import Normaliser, scalars
from ccproxy.record.redaction import Redactor
from ccproxy.record.session import Body
from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    from ccproxy.conversion.engine import Engine
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.record.conversing import Run
    from ccproxy.record.rules import Normalisation, Rules
    from ccproxy.record.session import Answered, Session, Try

UNIFIED: Final = "unified request"
REQUEST: Final = "upstream request"
DROPPED: Final = "dropped fields"
ANSWER: Final = "client answer"
FAILURE: Final = "mappings"
PROSE: Final = "prose"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one stage of one try; events of a stream are the items of a list."""

    stage: str
    attempt: int
    changes: tuple[Change, ...]
    streamed: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: what each stage came to."""

    unified: Sequence[Json]
    requests: Sequence[Json]
    dropped: Json
    answer: Answered | None


def recorded_side(session: Session, run: Run) -> Side:
    """Return what was recorded, as far as the run has something to compare it with."""
    dropped = session.facts.get("dropped") or []
    return Side(
        [None if mine is None else one.unified for one, mine in _paired(session, run)],
        [_document(one.request.data) if one.request else None for one in session.tries],
        None if run.dropped is None else dropped,
        None if run.answer is None else session.answered,
    )


def run_side(run: Run, session: Session | None = None) -> Side:
    """Return what a run came to; with a session, without what the session does not tell."""
    unified: list[Json] = [*run.unified]
    if session is not None:
        unified = [None if one.unified is None else mine for one, mine in _paired(session, run)]
    return Side(unified, run.requests, [*run.dropped] if run.dropped is not None else None, run.answer)


def compare(session: Session, before: Side, after: Side, engine: Engine, rules: Normalisation) -> list[Difference]:
    """Return the differences of all stages."""
    if rules.filling is not None and PROSE in _rules_of(session):
        before, after = _filled(before, rules.filling), _filled(after, rules.filling)
    known = frozenset(scalars(_said(session)))
    old, new = Normaliser(rules, known), Normaliser(rules, known)
    found: list[Difference] = []
    for number, (was, now) in enumerate(zip(before.unified, after.unified, strict=False)):
        found += _difference(UNIFIED, number, _visible(changes(old.normal(was), new.normal(now))))
    for number, (was, now) in enumerate(zip(before.requests, after.requests, strict=False)):
        found += _difference(REQUEST, number, _visible(changes(old.normal(was), new.normal(now))))
    last = len(after.requests) - 1
    found += _difference(DROPPED, last, changes(_ordered(before.dropped), _ordered(after.dropped)))
    if before.answer is not None and after.answer is not None:
        found += _answers(session, before.answer, after.answer, engine, (old, new), last)
    return found


def _visible(found: Iterator[Change]) -> Iterator[Change]:
    """Leave out texts that the recording hides: what a mapping makes of a text cannot be made of its mask."""
    return (each for each in found if not (isinstance(each.before, str) and is_mask(each.before) and each.after))


def _filled(side: Side, rules: Rules) -> Side:
    """Return a side without the words that mappings put in themselves, since a recording has none left."""

    def filled(value: Json) -> Json:
        return None if value is None else _document(Redactor(rules).body(dump_json(value)).data)

    answer = side.answer
    if answer is not None and answer.body is not None:
        answer = replace(answer, body=Body(Redactor(rules).body(answer.body.data).data))
    return Side([filled(each) for each in side.unified], [filled(each) for each in side.requests], side.dropped, answer)


def _rules_of(session: Session) -> Sequence[Json]:
    rules = session.redaction.get("rules")
    return rules if isinstance(rules, list) else ()


def told(session: Session, run: Run, engine: Engine, rules: Normalisation) -> dict[str, Json]:
    """Return what a run came to, by stage, in a form that is the same at every run."""
    normal = Normaliser(rules, frozenset(scalars(_said(session)))).normal
    stages: dict[str, Json] = {"upstream requests": normal([*run.requests])}
    if any(each is not None for each in run.unified):
        stages["unified requests"] = normal([*run.unified])
    if run.dropped is not None:
        stages["dropped fields"] = [*sorted(run.dropped)]
    if run.answer is not None:
        data = run.answer.body.data if run.answer.body else b""
        streamed = session.stream and run.answer.status < 300
        body = events_of(client_protocol(session, engine), data) if streamed else _document(data)
        stages["client answer"] = {"status": run.answer.status, "body": normal(body)}
    return stages


def _answers(
    session: Session, was: Answered, now: Answered, engine: Engine, sides: tuple[Normaliser, Normaliser], attempt: int
) -> Iterator[Difference]:
    old, new = sides
    if was.status != now.status:
        yield Difference(ANSWER, attempt, (Change(("status",), was.status, now.status),))
        return
    before, after = was.body.data if was.body else b"", now.body.data if now.body else b""
    if not (session.stream and now.status < 300):
        yield from _difference(ANSWER, attempt, changes(old.normal(_document(before)), new.normal(_document(after))))
        return
    protocol = client_protocol(session, engine)
    mine = [old.normal(event) for event in events_of(protocol, before)]
    yours = [new.normal(event) for event in events_of(protocol, after)]
    found = tuple(_event_changes(mine, yours))
    if found:
        yield Difference(ANSWER, attempt, found, streamed=True)


def _event_changes(before: Sequence[Json], after: Sequence[Json]) -> Iterator[Change]:
    """Yield changes of events: fields of those that stand in for each other, whole ones that came or went."""
    old, new = ([dump_json(event) for event in side] for side in (before, after))
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "replace" and b - a == d - c:
            for offset in range(b - a):
                for change in changes(before[a + offset], after[c + offset]):
                    yield Change((c + offset, *change.path), change.before, change.after)
        elif kind != "equal":
            yield from (Change((number,), before[number], ABSENT) for number in range(a, b))
            yield from (Change((number,), ABSENT, after[number]) for number in range(c, d))


def _difference(stage: str, attempt: int, found: Iterator[Change]) -> Iterator[Difference]:
    listed = tuple(found)
    if listed:
        yield Difference(stage, attempt, listed)


def _paired(session: Session, run: Run) -> Iterator[tuple[Try, JsonObject | None]]:
    yield from zip(session.tries, run.unified, strict=False)


def _said(session: Session) -> Iterator[Json]:
    """Yield everything that was said to the proxy: the client's request and the providers' answers."""
    yield _document(session.asked.body.data)
    yield from (session.asked_model, session.id)
    for one in session.tries:
        yield one.model
        data = one.answer.body.data if one.answer.body else b""
        whole = _document(data)
        if not isinstance(whole, str):
            yield whole
            continue
        for line in whole.splitlines():
            yield _document(line.removeprefix("data:").strip().encode())


def _ordered(dropped: Json) -> Json:
    return [*sorted(map(str, dropped))] if isinstance(dropped, list) else dropped


def _document(data: bytes) -> Json:
    try:
        value: Json = loads(data)
    except JSONDecodeError:
        return data.decode("utf-8", "replace")
    return value
