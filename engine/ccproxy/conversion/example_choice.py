"""Chooses examples: of many messages those that reach a rule, or give a value, that no other one did."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import orjson

from ccproxy.conversion.protocol_examples import FAILED, Outcome, ProtocolExample, run_example
from ccproxy.mapping.check.contracts import Contract
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES
from ccproxy.mapping.generated import unit_filename
from ccproxy.mapping.model import OPERATION_HALVES
from ccproxy.shapes.samples import samples, whole_sample
from ccproxy.shapes.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.generated import CompiledUnit
    from ccproxy.mapping.model import Folder, Tree

    TraceFunction = Callable[[FrameType, str, object], object]
    Feature = tuple[str, ...] | int

LONGEST = 4000  # characters of an example
MOST_TRIED = 6000
QUOTED = re.compile(r"'[^'\\n]{1,40}'")


@dataclass(slots=True)
class Choice:
    """State: what the chosen examples of one protocol reach."""

    unit: CompiledUnit
    folder: Folder
    words: frozenset[str]
    reached: set[Feature] = field(default_factory=set)
    chosen: list[ProtocolExample] = field(default_factory=list)

    def consider(self, examples: Iterable[ProtocolExample]) -> None:
        """Keep as few of the examples as show all that is new: always the one that shows most for its length."""
        found = dict(enumerate(self._observed(examples)))
        heap = [(-_worth(features, example), number) for number, (example, features) in found.items()]
        heapify(heap)
        while heap:
            worth, number = heappop(heap)
            example, features = found[number]
            new = features - self.reached
            now = -_worth(new, example)
            if not new:
                continue
            if now > worth:
                heappush(heap, (now, number))
                continue
            self.reached |= features
            self.chosen.append(self._bare(example))

    def _observed(self, examples: Iterable[ProtocolExample]) -> Iterator[tuple[ProtocolExample, set[Feature]]]:
        for example in examples:
            outcome, features = self.observe(example)
            if outcome is None or _is_failure(outcome) or features <= self.reached:
                continue
            if len(orjson.dumps(example.given)) <= LONGEST:
                yield self._with_outcome(example, outcome), features

    def keep(self, example: ProtocolExample) -> None:
        """Take an example that is there already, with what it gives today."""
        outcome, features = self.observe(example)
        if outcome is not None and not _is_failure(outcome):
            self.reached |= features
            self.chosen.append(self._with_outcome(example, outcome))

    def observe(self, example: ProtocolExample) -> tuple[Outcome | None, set[Feature]]:
        """What becomes of the message, and what it reaches."""
        with Lines(unit_filename(self.folder.name)) as lines:
            outcome = run_example(self.unit, self.folder, example)
        root = (example.kind, example.direction)
        value = outcome.value if outcome else None
        return outcome, {*lines.seen, *((*root, *each) for each in self._telling(value, ()))}

    def _telling(self, value: Json, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The fields of a value, and the words in them that stand in the rules."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if repr(key) in self.words:  # others were copied with what holds them
                    yield from self._telling(inner, (*path[-2:], key))
        elif isinstance(value, list):
            for inner in value:
                yield from self._telling(inner, path)
        elif isinstance(value, bool) or (isinstance(value, str) and repr(value) in self.words):
            yield (*path, "=", str(value))
        else:
            yield path

    def _with_outcome(self, example: ProtocolExample, outcome: Outcome) -> ProtocolExample:
        return replace(example, expect=outcome.value, dropped=outcome.dropped)

    def _bare(self, example: ProtocolExample) -> ProtocolExample:
        """The example without what its rules do not read of the surroundings."""
        outcome, known = Outcome(example.expect, example.dropped), dict(example.known)
        for name in list(known):
            without = {other: value for other, value in known.items() if other != name}
            if run_example(self.unit, self.folder, replace(example, known=without)) == outcome:
                known = without
                continue
            value = known[name]
            if not isinstance(value, dict):
                continue
            for key in list(value):
                smaller: JsonObject = {other: inner for other, inner in value.items() if other != key}
                if run_example(self.unit, self.folder, replace(example, known={**known, name: smaller})) == outcome:
                    value = known[name] = smaller
        return replace(example, known=known)


class Lines:
    """Notes which lines of generated code run."""

    def __init__(self, filename: str) -> None:
        self.seen: set[int] = set()
        self._filename = filename

    def __enter__(self) -> Lines:
        sys.settrace(self._enter)  # type: ignore[arg-type]
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _enter(self, frame: FrameType, _event: str, _argument: object) -> TraceFunction | None:
        return self._line if frame.f_code.co_filename == self._filename else None

    def _line(self, frame: FrameType, event: str, _argument: object) -> TraceFunction:
        if event == "line":
            self.seen.add(frame.f_lineno)
        return self._line


def _is_failure(outcome: Outcome) -> bool:
    return isinstance(outcome.value, dict) and FAILED in outcome.value


def _worth(features: set[Feature], example: ProtocolExample) -> float:
    return len(features) / (200 + len(orjson.dumps(example.given)))


# ---- candidates from the schemas --------------------------------------------------------------------


def candidates(tree: Tree, folder: Folder) -> Iterator[ProtocolExample]:
    """Messages made from the schemas of both sides."""
    contract = Contract(tree, folder)
    for kind, direction in folder.transforms:
        source = contract.source(kind, direction)
        known = _surroundings(contract, kind)
        for number, given in enumerate(samples(source)):
            if number >= MOST_TRIED:
                break
            yield ProtocolExample(kind, direction, given, known={} if number % 2 else known)
            if number < 200:
                yield ProtocolExample(kind, direction, given, known=known if number % 2 else {})


def _surroundings(contract: Contract, kind: str) -> JsonObject:
    """Everything that rules may ask for beside the message."""
    operation = kind.rpartition("_")[0] if kind.endswith(OPERATION_HALVES) else ""
    answer = whole_sample(shape_of("unified/response"))
    wire = contract.wire(f"{operation}_request" if operation else "request")
    known: JsonObject = {
        "request": {} if wire.is_any else whole_sample(wire),
        "unified": whole_sample(shape_of("unified/request")),
        "message": answer,
        "head": answer,
        "model": "model",
        "status": 400,
        "created": 1700000000,
    }
    return {name: value for name, value in known.items() if name in ENGINE_VARIABLES}


def choose(
    unit: CompiledUnit, folder: Folder, old: Iterable[ProtocolExample], new: Iterable[ProtocolExample]
) -> Choice:
    """The old examples as they are today, and those new ones that show more."""
    choice = Choice(unit, folder, frozenset(QUOTED.findall(unit.generated.source)))
    for example in old:
        choice.keep(example)
    choice.consider(new)
    return choice
