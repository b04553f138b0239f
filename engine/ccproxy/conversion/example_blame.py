"""Which rule is behind failing examples: the one that they run and others do not, and that names what is wrong."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import orjson

from ccproxy.diagnostics.model import Span
from ccproxy.mapping import template as t
from ccproxy.mapping.check.ordering import place_of_missing
from ccproxy.yamltree.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ccproxy.conversion.protocol_examples import Outcome, ProtocolExample
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.model import Folder, Table

Line = tuple[str, int]
FEW = 1e-9


class Difference(NamedTuple):
    """Where two values part: the names on the way, what the place holds before and now, and what its object held."""

    path: tuple[str, ...]
    expected: Json
    actual: Json
    siblings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """An example and what came instead."""

    example: ProtocolExample
    outcome: Outcome

    @property
    def words(self) -> str:
        wrong = next(differences(self.example.expect, self.outcome.value), None)
        what = f"{self.example.kind.replace('_', ' ')} {self.example.direction}"
        if wrong is None:
            return f"{what} reports other losses"
        place = ".".join(wrong.path)
        return f"{what} gives another `{place}`" if place else f"{what} gives something else"

    def difference(self) -> str:
        lines = difflib.unified_diff(
            _lines(self.example.expect), _lines(self.outcome.value), "expected", "actual", lineterm="", n=1
        )
        shown = [line[:120] for line in lines if not line.startswith("@@")]
        return "\n".join(shown[:14])


def _lines(value: Json) -> list[str]:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().splitlines()


def differences(expected: Json, actual: Json, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """The innermost places where two values differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in dict.fromkeys([*expected, *actual]):
            if key in expected and key in actual:
                yield from differences(expected[key], actual[key], (*path, key))
            else:
                yield Difference((*path, key), expected.get(key), actual.get(key), tuple(expected))
    elif isinstance(expected, list) and isinstance(actual, list) and (expected and actual):
        for one, other in zip(expected, actual, strict=False):
            yield from differences(one, other, path)
        for more in (*expected[len(actual) :], *actual[len(expected) :]):
            yield Difference(path, more, None, ())
    elif expected != actual or type(expected) is not type(actual):
        yield Difference(path, expected, actual, ())


@dataclass(slots=True)
class Suspects:
    """State: which lines of the mapping run in which examples."""

    folder: Folder
    places: Sequence[Span | None]
    order: Callable[[ProtocolExample, list[str]], list[str]]  # of words, as schemas list them
    tables: Sequence[Table] = ()  # that the protocol asks
    run: Counter[Line] = field(default_factory=Counter)
    by_example: dict[int, set[Line]] = field(default_factory=dict)
    _keys: dict[str, set[Line]] = field(default_factory=lambda: defaultdict(set))
    _matches: list[t.Match] = field(default_factory=list)

    def __post_init__(self) -> None:
        templates = [*self.folder.transforms.values(), *(part.template for part in self.folder.parts.values())]
        for template in (each for root in templates for each in t.walk(root)):
            match template:
                case t.Object(fields=fields, copy=copy):
                    for entry in fields:
                        self._keys[entry.key].add(_line(entry.node.span))
                    for name in copy.names if copy else ():
                        self._keys[name.text].add(_line(name.span))
                case t.Match():
                    self._matches.append(template)
                case _:
                    pass

    def observe(self, example: int, lines: set[int], *, failed: bool) -> None:
        """Note what an example ran; `lines` are those of the generated code."""
        ran = {_line(span) for number in lines if number <= len(self.places) and (span := self.places[number - 1])}
        self.run.update(ran)
        if failed:
            self.by_example[example] = ran

    def ranked(self, failures: list[Failure]) -> Iterator[tuple[Span | None, list[Failure]]]:
        """Places with the failures that they explain, the likeliest first."""
        left = list(failures)
        while left:
            best = self._best(left)
            explained = [each for each in left if best in self.by_example[each.example.line] | set(self._named(each))]
            if best is None or not explained:
                yield None, left
                return
            yield Span(*best, 1, 2), explained
            left = [each for each in left if each not in explained]

    def suspicion(self, templates: Iterable[t.Template], failures: list[Failure]) -> float:
        """How much the lines of some templates run in failing examples rather than in others."""
        lines = {_line(each.node.span) for template in templates for each in t.walk(template)}
        failed = Counter(line for each in failures for line in self.by_example[each.example.line] & lines)
        return max((count / sqrt(len(failures) * self.run[line]) for line, count in failed.items()), default=0.0)

    def _best(self, failures: list[Failure]) -> Line | None:
        scores: dict[Line, float] = defaultdict(float)
        failed = Counter(line for each in failures for line in self.by_example[each.example.line])
        for line, count in failed.items():
            scores[line] = count / sqrt(len(failures) * self.run[line])
        for failure in failures:
            named = self._named(failure)
            for line, weight in named.items():
                scores[line] += weight / len(failures)
        return max(sorted(scores), key=lambda line: scores[line], default=None)

    def _named(self, failure: Failure) -> dict[Line, float]:
        """Lines that write what is wrong, or would stand beside what does."""
        found: dict[Line, float] = defaultdict(float)
        ran = self.by_example[failure.example.line]
        for wrong in list(differences(failure.example.expect, failure.outcome.value))[:3]:
            writers = self._writers(wrong, ran)
            for line in writers:
                found[line] += 1 / len(writers)
            found.update(dict.fromkeys(self._answering(wrong), 1))
        for line in self._lacking(failure, ran):
            found[line] += 1
        total = sum(found.values()) + FEW
        return {line: weight / total for line, weight in found.items()}

    def _writers(self, wrong: Difference, ran: set[Line]) -> set[Line]:
        name = wrong.path[-1] if wrong.path else ""
        own = self._keys.get(name, set()) & ran
        if own or name not in wrong.siblings:
            return own
        position = wrong.siblings.index(name)
        nearest = [*reversed(wrong.siblings[:position]), *wrong.siblings[position + 1 :]]
        return next((lines for each in nearest if (lines := self._keys.get(each, set()) & ran)), set())

    def _answering(self, wrong: Difference) -> Iterator[Line]:
        """Entries of tables that answer the wrong word."""
        for table in self.tables:
            values = table.node.get("values")
            for entry in values.entries if isinstance(values, MapNode) else ():
                if isinstance(entry.value, ScalarNode) and entry.value.value == wrong.actual != wrong.expected:
                    yield _line(entry.value.span)

    def _lacking(self, failure: Failure, ran: set[Line]) -> Iterator[Line]:
        """The ends of `$match`es that were asked for a word of the message and have no case for it."""
        said = set(_words(failure.example.given))
        for match in self._matches:
            subject = match.subject
            if not isinstance(subject, t.Dynamic) or _line(subject.node.span) not in ran:
                continue
            name = subject.expression.text.strip().rpartition(".")[2]
            asked = {word for key, word in said if key == name}
            cases = {value for case in match.cases for value in case.values if isinstance(value, str)}
            for word in sorted(asked - cases)[:1] if match.cases else ():
                written = [(value, case.node.span) for case in match.cases for value in map(str, case.values)]
                order = self.order(failure.example, [word, *(value for value, _ in written)])
                yield _line(place_of_missing(word, written, order) or match.cases[-1].node.span)


def _words(value: Json, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _words(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner, key)
    elif isinstance(value, str):
        yield key, value


def _line(span: Span) -> Line:
    return span.file, span.line
