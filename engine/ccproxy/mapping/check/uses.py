"""`$use`: a part checked on the value it is given, or a table with what it is asked and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.mapping.check import tables
from ccproxy.mapping.check.target import ASIDE
from ccproxy.mapping.check.values import variable_of
from ccproxy.shapes.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.mapping import template as t
    from ccproxy.mapping.check.flow import Flow
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.mapping.check.target import Target


def check_use(flow: Flow, template: t.Use, scope: Scope, target: Target) -> Shape:
    """Check the operand and the arguments here, then the part or table with them."""
    name = str(template.name.value)
    aside = scope.under(scope.anchor, whole=False)
    given = flow.shape(template.of, aside, ASIDE).without("null") if template.of else None
    arguments = {each.key: flow.shape(each.value, aside.under(each.node.span), ASIDE) for each in template.arguments}
    if name in flow.tables and name not in flow.parts:
        asked = scope.context if given is None else given
        flow.reads.carry(asked)
        return tables.check_lookup(flow, template, flow.tables[name], asked, target)
    if name not in flow.parts:
        flow.reads.carry(scope.context if given is None else given)
        return Shape.any()
    bound = dict(_bound(template, aside))
    return _part(flow, name, scope, given, arguments, bound, target)


def _bound(template: t.Use, scope: Scope) -> Iterator[tuple[str, tuple[t.Template, Scope]]]:
    """The templates behind the arguments, which are checked again where the part writes their results."""
    for each in template.arguments:
        name = variable_of(each.value)
        if name is None:
            yield each.key, (each.value, scope.under(each.node.span))
        elif name in scope.bound:
            yield each.key, scope.bound[name]


def _part(
    flow: Flow,
    name: str,
    scope: Scope,
    given: Shape | None,
    arguments: dict[str, Shape],
    bound: dict[str, tuple[t.Template, Scope]],
    target: Target,
) -> Shape:
    """The result of the part for this kind of value; any while it is being found out, which is a recursion."""
    part = flow.parts[name]
    parameters = {parameter: Shape.any() for parameter in flow.given.get(name, ())} | arguments
    context = None if given is None else (Shape.any() if given.is_nothing else given)
    inner = scope.in_part(context, {**flow.engine, **parameters}, bound, part.node.span)
    places = frozenset((key, what.node.span) for key, (what, _) in bound.items())
    known = (frozenset(parameters.items()), frozenset(inner.static.refined.items()), places)
    wants = (target.shape, target.partial, target.many, target.carried)
    key = (name, inner.context, inner.stands_for_all, *known, *wants)
    if key not in flow.memo:
        flow.memo[key] = None
        flow.memo[key] = flow.shape(part.template, inner, target)
    found = flow.memo[key]
    return Shape.any() if found is None else found
