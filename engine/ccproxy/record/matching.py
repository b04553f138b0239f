"""Which recorded answer fits a request: one to the very same request first, else the most alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orjson import JSONDecodeError, loads

from ccproxy.config.recording import RedactionSettings
from ccproxy.record.redaction import Redactor
from ccproxy.record.rules import load_rules

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json
    from ccproxy.record.rules import Rules
    from ccproxy.record.session import Answered, Session, Try


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recorded request with its answer; `rules` are those by which it was redacted."""

    provider: str
    path: str
    request: Json
    leaves: Counter[tuple[str, str]]
    answer: Answered
    rules: tuple[str, ...]


class Answers:
    """State: the recorded answers, and which of those to equal requests was given last."""

    def __init__(self, sessions: Iterable[Session], mappings: Sequence[Path]) -> None:
        self._mappings = mappings
        self._rules: dict[tuple[str, ...], Rules] = {}
        self._given: Counter[str] = Counter()
        self._candidates: dict[str, list[Candidate]] = defaultdict(list)
        for session in sessions:
            for one in session.tries:
                if one.request is not None and one.answer.body is not None:
                    self._candidates[one.provider].append(_candidate(session, one))

    def find(self, provider: str, path: str, body: bytes) -> Answered | None:
        """Return the answer for a request to a provider; equal requests get their recorded answers in turn."""
        candidates = self._candidates.get(provider)
        if not candidates:
            return None
        redacted = {rules: _document(self._redacted(rules, body)) for rules in {each.rules for each in candidates}}
        same = [each for each in candidates if each.request == redacted[each.rules] and _same_end(each.path, path)]
        if same:
            key = repr((provider, path, redacted[same[0].rules]))
            self._given[key] += 1
            return same[(self._given[key] - 1) % len(same)].answer
        leaves = {rules: Counter(_leaves(request)) for rules, request in redacted.items()}
        return max(candidates, key=lambda each: _likeness(each, path, leaves[each.rules])).answer

    def _redacted(self, names: tuple[str, ...], body: bytes) -> bytes:
        """Return a request as it would have been recorded."""
        if names not in self._rules:
            emails, user_ids, paths, prose = (kind in names for kind in ("emails", "user_ids", "paths", "prose"))
            settings = RedactionSettings(emails, user_ids, paths, prose)
            self._rules[names] = load_rules(self._mappings, settings)
        return Redactor(self._rules[names]).body(body).data


def _candidate(session: Session, one: Try) -> Candidate:
    request = _document(one.request.data if one.request else b"")
    rules = session.redaction.get("rules")
    names = tuple(map(str, rules)) if isinstance(rules, list) else ()
    return Candidate(one.provider, urlsplit(one.url).path, request, Counter(_leaves(request)), one.answer, names)


def _likeness(candidate: Candidate, path: str, leaves: Counter[tuple[str, str]]) -> tuple[bool, bool, float]:
    """Return what makes a candidate fit: the same operation, the same wish for a stream, then what both say."""
    both, either = (candidate.leaves & leaves).total(), (candidate.leaves | leaves).total()
    same_stream = candidate.leaves[_STREAM] == leaves[_STREAM]
    return _same_end(candidate.path, path), same_stream, both / either if either else 1.0


_STREAM = ("/stream", "True")


def _same_end(recorded: str, asked: str) -> bool:
    return recorded.rpartition("/")[2].rpartition(":")[2] == asked.rpartition("/")[2].rpartition(":")[2]


def _leaves(value: Json, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every value with its place; places in lists do not count, so that one message more is little."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, f"{place}/{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item, place)
    else:
        yield place, str(value)


def _document(data: bytes) -> Json:
    try:
        value: Json = loads(data)
    except JSONDecodeError:
        return data.decode("utf-8", "replace")
    return value
