"""Plays sessions through mappings without a network: same ids and same time at every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.conversion.engine import Engine, open_library
from ccproxy.record.comparing import FAILURE, Difference, compare, recorded_side, run_side
from ccproxy.record.conversing import NotReplayableError, Run, converse
from ccproxy.record.edits import ABSENT, Change
from ccproxy.record.session import Answered, Body
from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    from ccproxy.record.rules import Normalisation
    from ccproxy.record.session import Session


@dataclass(slots=True)
class Moment:
    """State: the time that an engine believes it is, and the ids that it made since."""

    now: float = 0.0
    made: int = 0

    def new_id(self, prefix: str) -> str:
        """Return the next id."""
        self.made += 1
        return f"{prefix}{self.made:024d}"


@dataclass(frozen=True, slots=True)
class Stage:
    """Mappings made ready for replaying."""

    engine: Engine
    moment: Moment
    roots: tuple[Path, ...]

    def play(self, session: Session) -> Run:
        """Play one session; raises NotReplayableError."""
        self.moment.now, self.moment.made = session.recorded_at, 0
        return converse(session, self.engine)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a replay found out: nothing, differences, or why there was none."""

    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    run: Run | None = None


def open_stage(roots: Sequence[Path]) -> Stage:
    """Load mappings; raises MappingError."""
    moment = Moment()
    return Stage(Engine(open_library(roots), moment.new_id, lambda: moment.now), moment, tuple(roots))


def replay(session: Session, stage: Stage, rules: Normalisation) -> Verdict:
    """Compare a session with what today's mappings make of it."""
    try:
        run = stage.play(session)
    except NotReplayableError as reason:
        return Verdict(skipped=str(reason))
    if run.failure:
        return Verdict((_failed(run),), run=run)
    found = compare(session, recorded_side(session, run), run_side(run, session), stage.engine, rules)
    return Verdict(tuple(found), run=run)


def replay_against(session: Session, old: Stage, new: Stage, rules: Normalisation) -> Verdict:
    """Compare what two trees of mappings make of a session."""
    try:
        before, after = old.play(session), new.play(session)
    except NotReplayableError as reason:
        return Verdict(skipped=str(reason))
    if after.failure != before.failure:
        return Verdict((_failed(after, before.failure),), run=after)
    return Verdict(tuple(compare(session, run_side(before), run_side(after), new.engine, rules)), run=after)


def accepted(session: Session, run: Run) -> Session:
    """Return the session as the run would have it recorded."""
    tries = []
    for one, unified, request in zip(session.tries, run.unified, run.requests, strict=False):
        told = unified if one.unified is not None else None
        tries.append(replace(one, unified=told, request=Body(dump_json(request))))
    facts = dict(session.facts)
    if run.dropped is not None:
        facts["dropped"] = [*run.dropped]
    answered = session.answered
    if run.answer is not None:
        answered = Answered(run.answer.status, answered.headers, run.answer.body)
    return replace(session, tries=(*tries, *session.tries[len(tries) :]), facts=facts, answered=answered)


def difference_counts(verdicts: Sequence[Verdict]) -> Counter[str]:
    """Count sessions that are the same, differ, or could not be played."""
    return Counter("skipped" if each.skipped else "different" if each.differences else "same" for each in verdicts)


def _failed(run: Run, before: str = "") -> Difference:
    return Difference(FAILURE, len(run.requests), (Change((), before or ABSENT, run.failure or ABSENT),))
