"""Object templates against the object that must be written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import is_certain
from ccproxy.mapping.check.compat import mismatch
from ccproxy.mapping.check.extras import EXTRA
from ccproxy.mapping.check.ordering import field_order, place_of_missing
from ccproxy.mapping.check.target import ASIDE, Target
from ccproxy.mapping.check.values import expect_kind, judge
from ccproxy.shapes.expansion import field_of
from ccproxy.shapes.shape import Shape, union

if TYPE_CHECKING:
    from collections.abc import Collection

    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.check.flow import Flow
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.shapes.nodes import Scalar
    from ccproxy.yamltree.nodes import ScalarNode

    Key = tuple[ScalarNode, str]


def check_object(flow: Flow, template: t.Object, scope: Scope, target: Target) -> Shape:
    """Check keys and values; return the object that is written."""
    expect_kind(flow, "object", template, scope, target)
    if template.fields and all(isinstance(entry.value, t.Literal) for entry in template.fields):
        flow.replaced(scope)
    target = _alternative(template, target)
    spread = [flow.shape(source, scope.under(scope.anchor, whole=False), target.rest()) for source in template.merge]
    copied = _copied(flow, template, scope, target)
    _check_keys(flow, template, copied, scope, target, spread)
    fields = {
        entry.key: flow.shape(
            entry.value,
            scope.under(entry.node.span, whole=False),
            target.field(entry.key, _field_target(flow, target, entry.key)),
        )
        for entry in template.fields
    }
    if EXTRA in fields and flow.extras is not None and target.carried:
        flow.extras.note(target.shape.nodes, fields[EXTRA])
    optional = {entry.key for entry in template.fields if not is_certain(entry.value)} | set(copied)
    return _result({**copied, **fields}, optional, spread)


def _field_target(flow: Flow, target: Target, name: str) -> Shape:
    """What a field must be; under `extra` stand names of protocols."""
    if name == EXTRA and target.schema.startswith("unified/"):
        return Shape.object(dict.fromkeys(flow.protocols, Shape.any()), optional=flow.protocols)
    return _field_shape(target.shape, name)


def _field_shape(owner: Shape, name: str) -> Shape:
    if owner.is_any:
        return Shape.any()
    found = owner.property(name)
    return found.shape if found.known else Shape.any()


def _result(fields: dict[str, Shape], optional: set[str], spread: list[Shape]) -> Shape:
    """The object; spread objects leave it open unless all their fields are known."""
    is_open = False
    for shape in spread:
        names = shape.property_names()
        is_open = is_open or shape.is_any or not names
        for name in names - fields.keys():
            fields[name] = shape.property(name).shape
            optional = optional | {name}
    return Shape.object(fields, optional, open=is_open)


def _alternative(template: t.Object, target: Target) -> Target:
    """The target narrowed to the alternatives that literal fields tell, or else the keys."""
    if target.shape.is_any:
        return target
    shape = Shape(frozenset(node for node in target.shape.nodes if "object" in node.kinds))
    told = False
    for entry in template.fields:
        words = _literals(entry.value)
        if len(shape.nodes) > 1 and words:
            narrowed = union(*(shape.narrow(entry.key, word) for word in words))
            told = told or not (narrowed.is_nothing or narrowed == shape)
            shape = shape if narrowed.is_nothing else narrowed
    keys = [entry.key for entry in template.fields]
    return replace(target, shape=shape if told or target.partial else _most_fitting(shape, keys), many=False)


def _literals(template: t.Template) -> list[Scalar]:
    """The words that a template may yield; none when it may yield anything else."""
    match template:
        case t.Literal(value=str() | int() | float() | bool() as value):
            return [value]
        case t.If(then=then, otherwise=otherwise):
            bodies = [then, otherwise] if otherwise else [then]
        case t.Match(cases=cases, none=none, otherwise=otherwise):
            bodies = [case.body for case in cases] + [body for body in (none, otherwise) if body]
        case t.First(options=options):
            bodies = list(options)
        case _:
            return []
    words = [_literals(body) for body in bodies]
    return [word for each in words for word in each] if all(words) else []


def _most_fitting(shape: Shape, keys: list[str]) -> Shape:
    """The alternatives that know all the keys, if there are any."""
    if len(shape.nodes) < 2:
        return shape
    fitting = [node for node in shape.nodes if all((found := field_of(node, key)) and found.known for key in keys)]
    return Shape(frozenset(fitting)) if fitting else shape


# ---- $copy ------------------------------------------------------------------------------------------


def _copied(flow: Flow, template: t.Object, scope: Scope, target: Target) -> dict[str, Shape]:
    copy = template.copy
    if copy is None:
        return {}
    source = flow.shape(copy.source, scope.under(scope.anchor, whole=False), ASIDE) if copy.source else scope.context
    source = source.without("null")
    fields = ((str(name.value), _copied_field(flow, name, source, target)) for name in copy.names)
    return {name: shape for name, shape in fields if shape is not None}


def _copied_field(flow: Flow, node: ScalarNode, source: Shape, target: Target) -> Shape | None:
    name = str(node.value)
    if source.is_any or "object" not in source.kinds():
        return Shape.any()
    flow.findings.visit(node.span, "source")
    found = source.property(name)
    if not found.known:
        flow.findings.maybe(node.span, "source", _unknown_source(name, node, source, target))
        return None
    flow.reads.at = node.span
    flow.reads.read(source, name, testing=False)
    flow.reads.carry(found.shape)
    wanted = _field_shape(target.shape, name)
    judge(flow, mismatch(found.shape, wanted), node.span, target.field(name, wanted))
    return found.shape


def _unknown_source(name: str, node: ScalarNode, source: Shape, target: Target) -> Diagnostic:
    names = source.property_names()
    both = names & target.shape.property_names() or names
    meant = closest(name, both) or closest(name, names)
    return Diagnostic(
        "X305",
        f"unknown source path: the copied value has no field `{name}`",
        node.span,
        label="the source has no such field",
        help=f"write `{meant}`" if meant else f"the fields there: {quoted_list(sorted(names), 'and')}",
        suggestion=meant or "",
    )


# ---- keys -------------------------------------------------------------------------------------------


def _check_keys(
    flow: Flow, template: t.Object, copied: Collection[str], scope: Scope, target: Target, spread: list[Shape]
) -> None:
    shape, place = target.shape, template.node.span
    if shape.is_any or shape.is_nothing:
        return
    keys = _written_keys(template, copied)
    flow.written.update((node, name) for node in shape.nodes for _, name in keys)
    written = [name for _, name in keys]
    missing = _missing(target, written, spread)
    for node, name in keys:
        flow.findings.visit(node.span, "target")
        if shape.property(name).known:
            continue
        meant = closest(name, missing, written) or closest(name, shape.property_names(), written)
        fixed = meant in missing
        missing = [each for each in missing if each != meant]
        flow.findings.maybe(node.span, "target", _unknown_key(name, node, target, meant, fixed))
    flow.findings.visit(place, "fields")
    if missing:
        beside = place_of_missing(missing[0], [(name, node.span) for node, name in keys], field_order(shape))
        flow.findings.maybe(place, "fields", _missing_fields(missing, beside, scope.anchor, target))


def _written_keys(template: t.Object, copied: Collection[str]) -> list[Key]:
    """Keys and copied names with their places; names that the source lacks have their own problem."""
    names = template.copy.names if template.copy else ()
    own = [(entry.node, entry.key) for entry in template.fields]
    return own + [(node, str(node.value)) for node in names if str(node.value) in copied]


def _missing(target: Target, written: Collection[str], spread: list[Shape]) -> list[str]:
    shape = target.shape
    if target.partial or not target.carried:
        return []
    required = [name for name in sorted(shape.property_names()) if shape.property(name).required]
    whole = union(*spread) if spread else Shape.nothing()
    if whole.is_any or (spread and not all(each.property_names() for each in spread)):
        return []
    return [name for name in required if name not in written and name not in whole.property_names()]


def _unknown_key(name: str, node: ScalarNode, target: Target, meant: str | None, fixed: bool) -> Diagnostic:
    names = sorted(target.shape.property_names())
    return Diagnostic(
        "S203",
        f"unknown field `{name}` in {target.words}",
        node.span,
        label=f"{target.words} has no such field",
        help=f"rename it to `{meant}`" if meant else f"its fields are {quoted_list(names, 'and')}",
        note=f"`{meant}` is required and missing here, which this also fixes" if fixed else "",
        where=target.where,
        suggestion=meant or "",
    )


def _missing_fields(names: list[str], beside: Span | None, anchor: Span, target: Target) -> Diagnostic:
    listed = quoted_list(names, "and")
    word, verb = ("field", "is") if len(names) == 1 else ("fields", "are")
    return Diagnostic(
        "M401",
        f"missing required {word} {listed} in {target.words}",
        beside or anchor,
        label=f"{listed} {verb} missing {'beside this' if beside else 'here'}",
        help=f"add {quoted_list([f'{name}:' for name in names], 'and')}",
        where=target.where,
    )
