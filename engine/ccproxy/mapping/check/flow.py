"""`Flow`: walks templates with the shape of the current value and of what must be written, and infers results.

One `Flow` checks one transform; the parts it uses are checked once per kind of value they meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.expr.check.checker import check_condition, check_expression
from ccproxy.expr.check.functions import items_of
from ccproxy.mapping import template as t
from ccproxy.mapping.check import matches, objects, uses, values
from ccproxy.mapping.check.target import ASIDE, Target
from ccproxy.mapping.check.wording import expression_problem
from ccproxy.shapes.shape import Shape, shape_of, union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.expr.check.problems import Problem
    from ccproxy.expr.check.reads import Reads
    from ccproxy.mapping.check.coverage import Handlers
    from ccproxy.mapping.check.extras import Extras
    from ccproxy.mapping.check.findings import Findings, Side
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.mapping.model import Part, Table
    from ccproxy.shapes.nodes import Node


@dataclass(slots=True)
class Flow:
    """`reads` notes what was read of the source; `engine` are the variables every part sees, `given` those of each."""

    parts: Mapping[str, Part]
    tables: Mapping[str, Table]
    given: Mapping[str, frozenset[str]]
    engine: Mapping[str, Shape]
    protocols: frozenset[str]
    findings: Findings
    reads: Reads
    handlers: Handlers
    extras: Extras | None = None  # told what goes under `extra:`
    written: set[tuple[Node, str]] = field(default_factory=set)  # fields of the target
    memo: dict[object, Shape | None] = field(default_factory=dict)

    def shape(self, template: t.Template, scope: Scope, target: Target) -> Shape:
        """Check a template and return the shape of what it yields."""
        self.handlers.note(scope)
        match template:
            case t.Literal():
                return values.literal(self, template, scope, target)
            case t.Dynamic():
                return values.dynamic(self, template, scope, target)
            case t.Object():
                return objects.check_object(self, template, scope, target)
            case t.Array() | t.Each():
                return self._list(template, scope, target)
            case t.If():
                return self._condition(template, scope, target)
            case t.Match():
                return matches.check_match(self, template, scope, target)
            case t.Let(bindings=bindings, body=body):
                for binding in bindings:
                    bound = self.shape(binding.value, scope.under(binding.node.span, whole=False), ASIDE)
                    scope = scope.bind_template(binding.key, binding.value, bound, binding.node.span)
                return self.shape(body, scope, target)
            case t.Use():
                return uses.check_use(self, template, scope, target)
            case t.Entries():
                return self._entries(template, scope)
            case t.First(options=options):
                return union(*(self.shape(option, scope, target) for option in options))
            case t.Drop():
                self.replaced(scope)
                return Shape.nothing()
            case t.Reject(error=error):
                self.replaced(scope)
                whole = Target(shape_of("unified/error"), "the unified error", "unified/error")
                self.shape(error, scope.under(scope.anchor, whole=False), whole)
                return Shape.nothing()

    def expression(self, template: t.Dynamic, scope: Scope) -> Shape:
        """Check an expression and return the shape of its result."""
        self.reads.at, self.reads.sound = template.node.span, set()
        problems, shape = check_expression(template.expression, scope.static)
        self._report(template, scope, problems)
        return shape

    def condition(self, template: t.Template, scope: Scope) -> tuple[Scope, Scope]:
        """Check a condition; return what is known where it holds and where it does not."""
        if not isinstance(template, t.Dynamic):
            self.shape(template, scope.under(scope.anchor, whole=False), ASIDE)
            return scope, scope
        self.reads.at, self.reads.sound = template.node.span, set()
        problems, holds, fails = check_condition(template.expression, scope.static)
        self._report(template, scope, problems)
        return scope.within(holds, conditional=True), scope.within(fails, conditional=True)

    def replaced(self, scope: Scope) -> None:
        """Something else was deliberately put in the place of the current value."""
        if scope.stands_for_all:
            self.reads.replaced.update(scope.context.nodes)

    def ignored(self, scope: Scope) -> None:
        """Nothing, or only a word, was put in the place of the current value."""
        if scope.stands_for_all:
            self.reads.ignored.update(scope.context.nodes)

    def _report(self, template: t.Dynamic, scope: Scope, problems: list[Problem]) -> None:
        """A field that exists for one kind of value is no mistake, whatever it is for others."""
        place = template.node.span
        if not scope.context.is_any:
            self.findings.visit(place, "source")
        for offset in self.reads.sound:
            self.findings.visit(place, offset)
        for problem in problems:
            what: Side = problem.offset if problem.code == "X305" else "source"
            self.findings.maybe(place, what, expression_problem(problem, template.node))

    def _list(self, template: t.Array | t.Each, scope: Scope, target: Target) -> Shape:
        values.expect_kind(self, "array", template, scope, target)
        inner = target.item()
        if isinstance(template, t.Each):
            source = self.shape(template.source, scope.under(scope.anchor, whole=False), ASIDE)
            items = items_of(source).without("null")
            context = Shape.any() if items.is_nothing else items
            within = scope.over(context, item=context, index=Shape.of("integer"))
            outputs = self.shape(template.body, within, inner)
        else:
            outputs = union(*(self.shape(item, _among(item, template, scope), inner) for item in template.items))
        return outputs if target.many else Shape.array(outputs)

    def _condition(self, template: t.If, scope: Scope, target: Target) -> Shape:
        holds, fails = self.condition(template.condition, scope)
        then = self.shape(template.then, holds, target)
        if template.otherwise is None:
            return then
        return union(then, self.shape(template.otherwise, fails, target))

    def _entries(self, template: t.Entries, scope: Scope) -> Shape:
        source = self.shape(template.source, scope.under(scope.anchor, whole=False), ASIDE)
        self.reads.carry(source)
        names = source.property_names()
        known = [source.property(name).shape for name in sorted(names)]
        value = union(*known) if known and not source.is_any else Shape.any()
        inner = scope.over(value, key=Shape.of("string"), value=value)
        if template.name:
            self.shape(template.name, inner, ASIDE)
        self.shape(template.body, inner, Target(Shape.any()))
        return Shape.of("object")


def _among(item: t.Template, array: t.Array, scope: Scope) -> Scope:
    """The scope of an item. A word among other outputs does not stand for the whole current value."""
    alone = len(array.items) == 1 or not isinstance(item, t.Object | t.Literal)
    return scope if alone else scope.under(scope.anchor, whole=False)
