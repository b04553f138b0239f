"""What a replay found, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.record.edits import ABSENT, Absent, Change
from ccproxy.record.replaying import Verdict, difference_counts

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.record.blame import Line
    from ccproxy.record.comparing import Difference

LONGEST_VALUE: Final = 400
MOST_CHANGES: Final = 20
_RED, _GREEN, _BOLD, _DIM, _PLAIN = "\033[31m", "\033[32m", "\033[1m", "\033[2m", "\033[0m"


@dataclass(frozen=True, slots=True)
class Finding:
    """One session's verdict, with the lines responsible for each change of each difference."""

    name: str
    verdict: Verdict
    lines: tuple[tuple[tuple[Line, ...], ...], ...] = ()


def render_full(findings: Sequence[Finding], colour: bool, verbose: bool = False) -> str:
    """Return what a person reads."""
    lines = [line for finding in findings for line in _told(finding, _painter(colour), verbose)]
    return "".join(f"{line}\n" for line in [*lines, summary(findings)])


def render_json(findings: Sequence[Finding]) -> str:
    """Return one object for each session."""
    return json.dumps([_object(finding) for finding in findings], indent=2, ensure_ascii=False) + "\n"


def summary(findings: Sequence[Finding]) -> str:
    """Return the last line, which counts, so that silence is never mistaken for success."""
    counts = difference_counts([finding.verdict for finding in findings])
    total = len(findings)
    skipped = f", {counts['skipped']} cannot be replayed" if counts["skipped"] else ""
    sessions = "session" if total == 1 else "sessions"
    return f"ccproxy replay: {total} {sessions}, {counts['same']} as recorded, {counts['different']} different{skipped}"


class _Painter:
    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, code: str, text: str) -> str:
        return f"{code}{text}{_PLAIN}" if self._colour else text


def _painter(colour: bool) -> _Painter:
    return _Painter(colour)


def _told(finding: Finding, paint: _Painter, verbose: bool) -> Iterator[str]:
    verdict = finding.verdict
    if verdict.skipped:
        yield f"{paint(_BOLD, finding.name)}  cannot be replayed: {verdict.skipped}"
        return
    if not verdict.differences:
        if verbose:
            yield f"{paint(_BOLD, finding.name)}  as recorded"
        return
    yield paint(_BOLD, finding.name)
    for difference, lines in zip(verdict.differences, finding.lines, strict=True):
        attempt = f" of try {difference.attempt + 1}" if difference.attempt else ""
        yield f"  {difference.stage}{attempt}"
        for change, responsible in list(zip(difference.changes, lines, strict=True))[:MOST_CHANGES]:
            yield from _change(difference, change, responsible, paint)
        if len(difference.changes) > MOST_CHANGES:
            yield f"    … and {len(difference.changes) - MOST_CHANGES} more"
    yield ""


def _change(difference: Difference, change: Change, lines: Sequence[Line], paint: _Painter) -> Iterator[str]:
    yield f"    {place_of(difference, change)}"
    if change.before is not ABSENT:
        yield paint(_RED, f"      - {_value(change.before)}")
    if change.after is not ABSENT:
        yield paint(_GREEN, f"      + {_value(change.after)}")
    for line in lines:
        yield paint(_DIM, f"        {line.file}:{line.line}")


def place_of(difference: Difference, change: Change) -> str:
    """Return where a change is: a JSON pointer, in a stream behind the number of the event."""
    if difference.streamed and change.path:
        rest = change.pointer.partition("/")[2].partition("/")[2]
        return f"event {change.path[0]}{f' /{rest}' if rest else ''}"
    return change.pointer or "/"


def _value(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"


def _object(finding: Finding) -> JsonObject:
    verdict = finding.verdict
    result = "skipped" if verdict.skipped else "different" if verdict.differences else "same"
    told: JsonObject = {"session": finding.name, "result": result}
    if verdict.skipped:
        told["reason"] = verdict.skipped
    listed = zip(verdict.differences, finding.lines, strict=True)
    told["differences"] = [each for difference, lines in listed for each in _objects(difference, lines)]
    return told


def _objects(difference: Difference, lines: Sequence[Sequence[Line]]) -> Iterator[Json]:
    for change, responsible in zip(difference.changes, lines, strict=True):
        told: JsonObject = {
            "stage": difference.stage,
            "attempt": difference.attempt,
            "streamed": difference.streamed,
            "path": change.pointer,
        }
        if not isinstance(change.before, Absent):
            told["before"] = change.before
        if not isinstance(change.after, Absent):
            told["after"] = change.after
        told["mapping"] = [f"{line.file}:{line.line}" for line in responsible]
        yield told
