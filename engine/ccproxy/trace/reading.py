"""What an expression reads: the places whose values its own value is made of, and those that decided which.

Found by following the syntax tree beside the values. Where a construct cannot be followed, all that it names counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ccproxy.expr import syntax as s
from ccproxy.expr.errors import ExpressionFailure
from ccproxy.expr.missing import MISSING
from ccproxy.expr.runtime.truth import truth
from ccproxy.trace.made import Made, Path, Ref, unique

if TYPE_CHECKING:
    from ccproxy.expr.missing import Value
    from ccproxy.jsontypes import Json
    from ccproxy.trace.evaluation import Evaluator

Names = Mapping[str, Made | None]
_UNKNOWN = (LookupError, ExpressionFailure, TypeError)


class Spot(NamedTuple):
    """A value inside one whose history is known."""

    value: Json
    origin: Made
    path: Path = ()

    def inside(self, step: str | int, value: Json) -> Spot:
        return Spot(value, self.origin, (*self.path, step))

    def made(self) -> Made:
        return self.origin.part(self.value, self.path)


@dataclass(slots=True)
class Reading:
    """What was found: `spots` are the values read, `deciding` those that only chose between others.

    A `computed` value is none of those that were read, even where it equals one.
    """

    spots: list[Spot] = field(default_factory=list)
    deciding: list[Spot] = field(default_factory=list)
    computed: bool = False

    @property
    def sources(self) -> tuple[Ref, ...]:
        return unique(ref for spot in self.spots for ref in spot.origin.refs(spot.path))

    @property
    def conditions(self) -> tuple[Ref, ...]:
        return unique(ref for spot in self.deciding for ref in spot.origin.refs(spot.path))


def read_expression(node: s.Node, context: Made | None, names: Names, evaluator: Evaluator) -> Reading:
    """Follow an expression over a context; None is nothing."""
    here = None if context is None else Spot(context.value, context)
    known = {name: None if made is None else Spot(made.value, made) for name, made in names.items()}
    return _Walk(evaluator, known, here).read(node, here)


@dataclass(slots=True)
class _Walk:
    """State of one expression: the variables, which blocks add to."""

    evaluator: Evaluator
    names: dict[str, Spot | None]
    root: Spot | None

    def read(self, node: s.Node, here: Spot | None) -> Reading:
        match node:
            case s.Path(steps=steps):
                return self._path(steps, here)
            case s.Variable(name=name):
                spot = here if not name else self.root if name == "$" else self.names.get(name)
                return Reading([spot] if spot is not None else [])
            case s.Name():
                return self._path((s.Step(node),), here)
            case s.Filtered(node=inner, predicates=predicates):
                return self._filtered(self.read(inner, here), predicates)
            case s.Condition(test=test, then=then, otherwise=otherwise):
                return self._choice(test, then, otherwise, here)
            case s.Default(left=left, right=right):
                return self._fallback(left, right, here, loose=True)
            case s.Coalesce(left=left, right=right):
                return self._fallback(left, right, here, loose=False)
            case s.Block(items=items):
                return self._block(items, here)
            case s.Assignment(name=name, value=value):
                found = self.read(value, here)
                self.names[name] = found.spots[0] if len(found.spots) == 1 else None
                return found
            case _:
                found = _joined([self.read(child, here) for child in s.children(node)])
                found.computed = isinstance(node, s.Binary | s.Negation | s.ObjectOf | s.ArrayOf)
                return found

    def _path(self, steps: Sequence[s.Step], here: Spot | None) -> Reading:
        current, found = [here] if here is not None else [], Reading()
        made: list[Spot] = []  # what a call was given, whose result the rest of the path may be inside of
        for number, step in enumerate(steps):
            inner = _joined([self._step(step, spot, first=number == 0) for spot in current])
            found.deciding += inner.deciding
            current = inner.spots
            if not isinstance(step.node, s.Name | s.Variable | s.Filtered | s.Wildcard):
                made = current
        found.spots = current or made
        return found

    def _step(self, step: s.Step, spot: Spot, *, first: bool) -> Reading:
        over = [spot] if first and isinstance(step.node, s.Variable) else _items(spot)
        parts = []
        for item in over:
            match step.node:
                case s.Name(name=name):
                    inner = Reading(_field(item, name))
                case s.Wildcard():
                    inner = Reading(_children(item))
                case node:
                    inner = self.read(node, item)
            parts.append(self._filtered(inner, step.stages) if step.stages else inner)
        return _joined(parts)

    def _filtered(self, found: Reading, predicates: Sequence[s.Node]) -> Reading:
        for predicate in predicates:
            items = [item for spot in found.spots for item in _items(spot)]
            found = self._kept(items, predicate, found.deciding)
        return found

    def _kept(self, items: list[Spot], predicate: s.Node, deciding: list[Spot]) -> Reading:
        """The items that a predicate keeps: those it holds for, or the one whose number it gives."""
        kept = Reading(deciding=[*deciding])
        for number, item in enumerate(items):
            if not isinstance(predicate, s.Literal | s.Negation):
                kept.deciding += self.read(predicate, item).spots
            try:
                value = self._value(predicate, item)
            except _UNKNOWN:
                kept.spots.append(item)
                continue
            if isinstance(value, int | float) and not isinstance(value, bool):
                if int(value) in (number, number - len(items)):
                    kept.spots.append(item)
            elif truth(value):
                kept.spots.append(item)
        return kept

    def _choice(self, test: s.Node, then: s.Node, otherwise: s.Node | None, here: Spot | None) -> Reading:
        asked = self.read(test, here)
        deciding = asked.spots + asked.deciding
        try:
            branches = [then] if truth(self._value(test, here)) else [otherwise]
        except _UNKNOWN:
            branches = [then, otherwise]
        taken = [self.read(branch, here) for branch in branches if branch is not None]
        found = _joined(taken)
        return Reading(found.spots, deciding + found.deciding, any(branch.computed for branch in taken))

    def _fallback(self, left: s.Node, right: s.Node, here: Spot | None, *, loose: bool) -> Reading:
        first = self.read(left, here)
        try:
            value = self._value(left, here)
        except _UNKNOWN:
            return _joined([first, self.read(right, here)])
        if truth(value) if loose else value is not MISSING:
            return first
        second = self.read(right, here)
        return Reading(second.spots, first.spots + first.deciding + second.deciding, second.computed)

    def _block(self, items: Sequence[s.Node], here: Spot | None) -> Reading:
        found = Reading()
        for item in items:
            found = self.read(item, here)
        return found

    def _value(self, node: s.Node, here: Spot | None) -> Value:
        variables = {name: spot.value for name, spot in self.names.items() if spot is not None}
        return self.evaluator.run_inner(node, MISSING if here is None else here.value, variables)


def _joined(parts: Sequence[Reading]) -> Reading:
    return Reading([spot for part in parts for spot in part.spots], [spot for part in parts for spot in part.deciding])


def _items(spot: Spot) -> list[Spot]:
    if isinstance(spot.value, list):
        return [spot.inside(number, item) for number, item in enumerate(spot.value)]
    return [spot]


def _field(spot: Spot, name: str) -> list[Spot]:
    if isinstance(spot.value, list):
        return [found for item in _items(spot) for found in _field(item, name)]
    value = spot.value.get(name) if isinstance(spot.value, dict) else None
    return [] if value is None else [spot.inside(name, value)]


def _children(spot: Spot) -> list[Spot]:
    value = spot.value
    return [spot.inside(name, item) for name, item in value.items()] if isinstance(value, dict) else []
