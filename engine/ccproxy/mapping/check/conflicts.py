"""Quirks that change the same field of the same backend in no said order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.diagnostics.suggest import quoted_list
from ccproxy.mapping import template as t
from ccproxy.mapping.check.globs import overlap
from ccproxy.mapping.drops import pointer_steps
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ccproxy.jsontypes import Json
    from ccproxy.mapping.model import Quirk
    from ccproxy.yamltree.nodes import ScalarNode


@dataclass(frozen=True, slots=True)
class Write:
    """A place that an edit may change, and what it becomes there."""

    steps: tuple[str, ...]
    node: ScalarNode
    value: Json

    def meets(self, other: Write) -> bool:
        """Whether the order matters: one place holds the other, and they do not become the same."""
        shorter = min(len(self.steps), len(other.steps))
        return self.steps[:shorter] == other.steps[:shorter] and (self.steps, self.value) != (other.steps, other.value)


def check_conflicts(quirks: Mapping[str, Quirk]) -> Iterator[Diagnostic]:
    """Report pairs of quirks that change the same place of the same backend's messages in no said order."""
    for one, other in combinations(sorted(quirks.values(), key=lambda quirk: quirk.name), 2):
        if is_hosted(one) != is_hosted(other) or _ordered(one, other, quirks):
            continue
        if _told_apart(one, other) or not overlap(one.applies_to, other.applies_to):
            continue
        for kind in one.edits.keys() & other.edits.keys():
            theirs = list(_written(other.edits[kind]))
            shared = [(mine, their) for mine in _written(one.edits[kind]) for their in theirs if mine.meets(their)]
            if shared:
                yield _conflict(one, other, shared)


def is_hosted(quirk: Quirk) -> bool:
    """Whether the quirk is about a host; those go after quirks of models, whatever their names."""
    return bool(quirk.applies_to.keys() & {"host", "provider"})


def _told_apart(one: Quirk, other: Quirk) -> bool:
    """Whether one names its hosts and the other its providers; which provider is at which host is not known here."""
    mine, theirs = one.applies_to.keys(), other.applies_to.keys()
    return ("host" in mine) != ("host" in theirs) and ("provider" in mine) != ("provider" in theirs)


def _ordered(one: Quirk, other: Quirk, quirks: Mapping[str, Quirk]) -> bool:
    return other.name in _before(one, quirks) or one.name in _before(other, quirks)


def _before(quirk: Quirk, quirks: Mapping[str, Quirk]) -> set[str]:
    """Quirks that go first, directly or through others."""
    found: set[str] = set()
    waiting = list(quirk.after)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += quirks[name].after if name in quirks else ()
    return found


def _written(template: t.Template) -> Iterator[Write]:
    match template:
        case t.Object(fields=fields, copy=copy):
            yield from (Write(_steps(entry.key), entry.node, _becomes(entry.value)) for entry in fields)
            yield from (Write((str(name.value),), name, str(name.value)) for name in (copy.names if copy else ()))
        case t.If(then=then, otherwise=otherwise):
            yield from _written(then)
            yield from _written(otherwise) if otherwise else ()
        case t.Match(cases=cases, none=none, otherwise=otherwise):
            for body in [*(case.body for case in cases), none, otherwise]:
                yield from _written(body) if body else ()
        case t.Let(body=body):
            yield from _written(body)
        case _:
            return


def _steps(key: str) -> tuple[str, ...]:
    return tuple(pointer_steps(key)) if key.startswith("/") else (key,)


def _becomes(template: t.Template) -> Json:
    """What a field becomes, for comparison: a field that is dropped is the same as one that is set to null."""
    is_null = isinstance(template, t.Dynamic) and template.expression.text.strip() == "null"
    return None if is_null or isinstance(template, t.Drop) else to_json(template.node)


def _conflict(one: Quirk, other: Quirk, shared: list[tuple[Write, Write]]) -> Diagnostic:
    names = quoted_list(dict.fromkeys(mine.steps[0] for mine, _ in shared), "and")
    mine, their = shared[0]
    return Diagnostic(
        "M408",
        f"quirks `{one.name}` and `{other.name}` both change {names}, and nothing says which goes first",
        their.node.span,
        label="the same backend may have both",
        help=f"say `after: [{one.name}]` here, or the other way round",
        related=(Related(mine.node.span, "changed here too"),),
    )
