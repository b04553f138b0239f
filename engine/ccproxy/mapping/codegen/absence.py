"""Which fields a template waits for: without all of them it yields nothing.

Stream chunks mostly hold a single field. Knowing what each rule waits for, generated code can go straight to the
rules of that field instead of asking for all the others in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.mapping import template as t

if TYPE_CHECKING:
    from collections.abc import Iterable

Fields = frozenset[str] | None  # None: may yield something whatever is absent


def awaited(template: t.Template) -> Fields:
    """Fields of the current value without which the template yields nothing."""
    match template:
        case t.Dynamic(expression=expression):
            return awaited_by(expression.ast)
        case t.Object(fields=fields, merge=(), copy=None) if fields:
            return _all(awaited(entry.value) for entry in fields)
        case t.Array(items=items):
            return _all(awaited(item) for item in items)
        case t.Each(source=source):
            return awaited(source)
        case t.Use(of=of) if of is not None:
            return awaited(of)
        case t.If(condition=condition, then=then, otherwise=otherwise):
            asked = awaited(condition)
            if asked is None:
                return _all([awaited(then), awaited(otherwise) if otherwise else frozenset()])
            return asked if otherwise is None else _all([asked, awaited(otherwise)])
        case _:
            return None


def awaited_by(node: s.Node) -> Fields:
    """Fields without which an expression is nothing or false."""
    match node:
        case s.Path(steps=steps, keep=False):
            return awaited_by(steps[0].node)
        case s.Name(name=name):
            return frozenset({name})
        case s.Filtered(node=inner):
            return awaited_by(inner)
        case s.Default(left=left, right=right) | s.Coalesce(left=left, right=right):
            return _all([awaited_by(left), awaited_by(right)])
        case s.Binary(operator="or", left=left, right=right):
            return _all([awaited_by(left), awaited_by(right)])
        case s.Binary(operator="and", left=left, right=right):
            one, other = awaited_by(left), awaited_by(right)
            return other if one is None else one
        case s.Binary(operator="=", left=left, right=s.Literal()):
            return awaited_by(left)
        case s.Condition(test=test, then=then, otherwise=None):
            asked = awaited_by(test)
            return awaited_by(then) if asked is None else asked
        case s.Call(function="exists" | "type" | "floor", arguments=(argument,)):
            return awaited_by(argument)
        case _:
            return None


def _all(found: Iterable[Fields]) -> Fields:
    union: frozenset[str] = frozenset()
    for fields in found:
        if fields is None:
            return None
        union |= fields
    return union


# Fragments by how often they come.
FREQUENT = ("text", "reasoning", "tool_call")


def rank(rules: Iterable[t.Template]) -> int:
    """How far back the rules of a field may stand: what most of a stream is made of goes first."""
    names = {
        entry.key for rule in rules for inner in t.walk(rule) if isinstance(inner, t.Object) for entry in inner.fields
    }
    return next((place for place, name in enumerate(FREQUENT) if name in names), len(FREQUENT))


def rules_by_field(template: t.Template) -> dict[str, tuple[t.Template, ...]]:
    """For each field, the rules that can say something when it is the only one. Empty when that saves little."""
    if not isinstance(template, t.Array) or len(template.items) < 4:
        return {}
    waits = [(item, awaited(item)) for item in template.items]
    names = dict.fromkeys(name for _, fields in waits if fields for name in sorted(fields))
    return {name: tuple(item for item, fields in waits if fields is None or name in fields) for name in names}
