"""Literals and expressions against what must be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.expr import syntax as s
from ccproxy.mapping import template as t
from ccproxy.mapping.check.compat import DEEPEST, WORDS, Mismatch, describe, mismatch
from ccproxy.shapes.nodes import kind_of
from ccproxy.shapes.shape import Shape
from ccproxy.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.check.flow import Flow
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.mapping.check.target import Target
    from ccproxy.shapes.nodes import Kind

# Fields of the unified format whose values are names of protocols.
PROTOCOL_FIELDS = ("origin", "protocol")


def literal(flow: Flow, template: t.Literal, scope: Scope, target: Target) -> Shape:
    """A value written as it stands."""
    if target.carried:
        flow.ignored(scope)
    value = template.value
    if isinstance(value, dict | list):
        return Shape.of(kind_of(value))
    shape = Shape.literal(value)
    if value is None:
        found = _wrong_null(target)
    else:
        found = mismatch(shape, target.shape) or _wrong_protocol(flow, value, target)
    judge(flow, found, template.node.span, target, str(value))
    return shape


def dynamic(flow: Flow, template: t.Dynamic, scope: Scope, target: Target) -> Shape:
    """The result of an expression."""
    shape = flow.expression(template, scope)
    if not target.carried:
        return shape
    flow.reads.carry(shape)
    flow.findings.visit(template.node.span, "emptiness")
    if shape.is_nothing and isinstance(template.expression.ast, s.Path | s.Variable):
        flow.findings.maybe(template.node.span, "emptiness", _always_nothing(template))
        return Shape.any()
    bound = scope.bound.get(variable_of(template) or "")
    if bound is not None and not isinstance(bound[0], t.Dynamic):
        return flow.shape(*bound, target)  # what `$let` made is written here
    if _is_nothing(template.expression.ast):
        flow.ignored(scope)
    judge(flow, mismatch(shape, target.shape, 0 if target.partial else DEEPEST), template.node.span, target)
    return shape


def _always_nothing(template: t.Dynamic) -> Diagnostic:
    name = template.expression.text.strip()
    return Diagnostic(
        "X307",
        f"`{name}` is always nothing here",
        template.node.span,
        label="the condition around this place holds only where it is missing or empty",
        help="exchange `$then:` and `$else:`, or write another value",
    )


def variable_of(template: t.Template) -> str | None:
    """The variable that an expression is, when it is nothing else."""
    ast = template.expression.ast if isinstance(template, t.Dynamic) else None
    return ast.name if isinstance(ast, s.Variable) else None


def _is_nothing(node: s.Node) -> bool:
    return isinstance(node, s.Literal) and node.value is None


def _wrong_null(target: Target) -> Mismatch | None:
    wanted = target.shape
    if target.carried and not wanted.is_any and not wanted.is_nothing and "null" not in wanted.kinds():
        return Mismatch("null", describe(wanted))
    return None


def _wrong_protocol(flow: Flow, value: Json, target: Target) -> Mismatch | None:
    """`origin: x` must name a protocol."""
    if not target.path or target.path[-1] not in PROTOCOL_FIELDS or not target.schema.startswith("unified/"):
        return None
    if not isinstance(value, str) or value in flow.protocols:
        return None
    return Mismatch("", "", (value,), tuple(sorted(flow.protocols)))


def expect_kind(flow: Flow, kind: Kind, template: t.Template, scope: Scope, target: Target) -> None:
    """Report an object or a list where the target has neither."""
    wanted = target.shape
    if (target.many and kind == "array") or wanted.is_any or wanted.is_nothing:
        return
    found = None if kind in wanted.kinds() else Mismatch(WORDS[kind], describe(wanted))
    place = template.node.span if isinstance(template.node, MapNode) else scope.anchor
    flow.findings.visit(place, "kind")
    if found is not None:
        flow.findings.maybe(place, "kind", _problem(found, place, target, ""))


def judge(flow: Flow, found: Mismatch | None, span: Span, target: Target, written: str = "") -> None:
    """Report a value that cannot stand here."""
    if target.shape.is_any:
        return
    flow.findings.visit(span, "target")
    if found is not None:
        flow.findings.maybe(span, "target", _problem(found, span, target, written))


def _problem(found: Mismatch, span: Span, target: Target, written: str) -> Diagnostic:
    name = f"`{target.path[-1]}`" if target.path else target.words
    if not found.sure:
        return Diagnostic(
            "W705",
            f"this may be {found.found} where {name} wants {found.wanted}",
            span,
            label=f"{found.found} is among what this can be",
            help="choose by `$type(…)`, or take one with `[0]`",
            where=target.where,
            severity="warning",
        )
    if not found.outside:
        return Diagnostic(
            "M411",
            f"{found.found} where {name} wants {found.wanted}",
            span,
            label=f"this is always {found.found}",
            note=f"{target.words} is {found.wanted}" if len(target.path) > 1 else "",
            where=target.where,
        )
    words = ", ".join(f"`{word}`" for word in found.outside[:5])
    meant = closest(written or str(found.outside[0]), found.allowed) if len(found.outside) == 1 else None
    return Diagnostic(
        "M410",
        f"{name} cannot be {words}",
        span,
        label=f"{target.words} has no such value" if written else f"this may give {words}",
        help=f"write `{meant}`" if meant else f"write one of {quoted_list(found.allowed)}" if found.allowed else "",
        where=target.where,
        suggestion=meant or "",
    )
