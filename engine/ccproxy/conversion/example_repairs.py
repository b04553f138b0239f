"""Exchanged branches, found by trial: where exchanging two of them lets failing examples hold, they were exchanged."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ccproxy.conversion.protocol_examples import compile_folder, run_example
from ccproxy.mapping import template as t
from ccproxy.mapping.check.nodes import key_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.conversion.example_blame import Failure, Suspects
    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.model import Folder, Tree

    Thing = TypeVar("Thing")

TEMPLATES = (
    *(t.Literal, t.Dynamic, t.Object, t.Array, t.Each, t.If, t.Match, t.Let, t.Use, t.Entries, t.First),
    *(t.Drop, t.Reject, t.Field, t.Case, t.Copy),
)
MOST_TRIED = 14
MOST_EXAMPLES = 40


class Exchange(NamedTuple):
    """Two branches that seem to have each other's place."""

    first: Span
    second: Span
    one: str
    other: str


class _Trial(NamedTuple):
    exchange: Exchange
    old: t.Template
    new: t.Template
    bodies: tuple[t.Template, t.Template]


def find_exchange(tree: Tree, folder: Folder, failures: list[Failure], suspects: Suspects) -> Exchange | None:
    """The exchange that lets the failing examples hold, if one does."""
    tried = failures[:MOST_EXAMPLES]
    kinds = {(each.example.kind, each.example.direction) for each in tried}
    concerned = {key: root for key, root in folder.transforms.items() if key in kinds}
    small = replace(folder, transforms=concerned)
    trials = [(suspects.suspicion(trial.bodies, failures), trial) for trial in _trials(folder)]
    likely = sorted((each for each in trials if each[0]), key=lambda each: -each[0])
    for _, trial in likely[:MOST_TRIED]:
        if _holds(tree, _with(small, trial.old, trial.new), tried):
            return trial.exchange
    return None


def _holds(tree: Tree, folder: Folder, failures: list[Failure]) -> bool:
    unit = compile_folder(tree, folder)
    for failure in failures:
        outcome = run_example(unit, folder, failure.example)
        if outcome is None or (outcome.value, outcome.dropped) != (failure.example.expect, failure.example.dropped):
            return False
    return True


def _trials(folder: Folder) -> Iterator[_Trial]:
    roots = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
    for template in (each for root in roots for each in t.walk(root)):
        if isinstance(template, t.If) and template.otherwise is not None:
            places = key_span(template, "$then"), key_span(template, "$else")
            if places[0] and places[1]:
                new = replace(template, then=template.otherwise, otherwise=template.then)
                exchange = Exchange(places[0], places[1], "$then", "$else")
                yield _Trial(exchange, template, new, (template.then, template.otherwise))
        elif isinstance(template, t.Match):
            for position, (one, other) in enumerate(pairwise(template.cases)):
                swapped = (replace(one, body=other.body), replace(other, body=one.body))
                new_match = replace(template, cases=_put(template.cases, position, swapped))
                exchange = Exchange(one.node.span, other.node.span, one.node.text, other.node.text)
                yield _Trial(exchange, template, new_match, (one.body, other.body))


def _put(cases: tuple[t.Case, ...], position: int, two: tuple[t.Case, t.Case]) -> tuple[t.Case, ...]:
    return (*cases[:position], *two, *cases[position + 2 :])


def _with(folder: Folder, old: t.Template, new: t.Template) -> Folder:
    """The folder with one template replaced."""
    transforms = {key: _replaced(root, old, new) for key, root in folder.transforms.items()}
    parts = {name: replace(part, template=_replaced(part.template, old, new)) for name, part in folder.parts.items()}
    return replace(folder, transforms=transforms, parts=parts)


def _replaced(value: Thing, old: t.Template, new: t.Template) -> Thing:
    """The value, in which a template stands for another one; what does not hold it stays the same."""
    if value is old:
        return new  # type: ignore[return-value]
    if isinstance(value, tuple):
        items = tuple(_replaced(item, old, new) for item in value)
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value  # type: ignore[return-value]
    if not is_dataclass(value) or not isinstance(value, TEMPLATES):
        return value
    names = [each.name for each in fields(value) if each.name not in ("node", "expression")]
    changed = {
        name: inner for name in names if (inner := _replaced(before := getattr(value, name), old, new)) is not before
    }
    return replace(value, **changed) if changed else value
