"""Quirks that change the same field of the same backend in no said order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
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
    told: set[tuple[str, str]] = set()
    for group in _by_place(quirks).values():
        for (one, mine), (other, theirs) in combinations(group, 2):
            if is_hosted(one) != is_hosted(other) or _told_apart(one, other) or _ordered(one, other, quirks):
                continue
            shared = next(((write, their) for write in mine for their in theirs if write.meets(their)), None)
            if shared and (one.name, other.name) not in told and overlap(one.applies_to, other.applies_to):
                told.add((one.name, other.name))
                yield _conflict(one, other, *shared)


def _by_place(quirks: Mapping[str, Quirk]) -> Mapping[tuple[str, str], list[tuple[Quirk, list[Write]]]]:
    """Quirks by the kind of message and the top field that they change."""
    found: dict[tuple[str, str], list[tuple[Quirk, list[Write]]]] = {}
    for quirk in sorted(quirks.values(), key=lambda quirk: quirk.name):
        for kind, template in quirk.edits.items():
            writes = list(_written(template))
            for top in dict.fromkeys(write.steps[0] for write in writes):
                own = [write for write in writes if write.steps[0] == top]
                found.setdefault((kind, top), []).append((quirk, own))
    return found


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


def _conflict(one: Quirk, other: Quirk, mine: Write, their: Write) -> Diagnostic:
    return Diagnostic(
        "M408",
        f"quirks `{one.name}` and `{other.name}` both change `{mine.steps[0]}`, and nothing says which goes first",
        their.node.span,
        label="the same backend may have both",
        help=f"say `after: [{one.name}]` here, or the other way round",
        related=(Related(mine.node.span, "changed here too"),),
    )
