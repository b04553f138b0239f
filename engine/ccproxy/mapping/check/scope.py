"""`Scope`: what is known at one place of a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ccproxy.diagnostics.model import Span
from ccproxy.expr.check.environment import CONTEXT
from ccproxy.expr.check.problems import StaticScope
from ccproxy.mapping.template import Template
from ccproxy.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class Scope:
    """`anchor` is the key that leads here; `whole` says that the output stands for the whole current value.

    `bound` remembers the templates of `$let`, which are checked again where their results are written.
    """

    static: StaticScope
    anchor: Span
    whole: bool = True
    bound: Mapping[str, tuple[Template, Scope]] = field(default_factory=dict)

    @property
    def context(self) -> Shape:
        return self.static.context

    def within(self, static: StaticScope) -> Scope:
        """The same place, of which a test told more."""
        return replace(self, static=static)

    def under(self, anchor: Span, *, whole: bool | None = None) -> Scope:
        return replace(self, anchor=anchor, whole=self.whole if whole is None else whole)

    def bind(self, **variables: Shape) -> Scope:
        """More variables. What was known of older ones of these names is forgotten."""
        refined = {place: shape for place, shape in self.static.refined.items() if place[0] not in variables}
        static = replace(self.static, variables={**self.static.variables, **variables}, refined=refined)
        bound = {name: what for name, what in self.bound.items() if name not in variables}
        return replace(self, static=static, bound=bound)

    def bind_template(self, name: str, template: Template, shape: Shape, anchor: Span) -> Scope:
        """A `$let`."""
        scope = self.bind(**{name: shape})
        return replace(scope, bound={**scope.bound, name: (template, self.under(anchor, whole=False))})

    def over(self, context: Shape, **variables: Shape) -> Scope:
        """Another current value, and variables that come with it."""
        scope = self.bind(**variables)
        refined = {place: shape for place, shape in scope.static.refined.items() if place[0] != CONTEXT}
        return Scope(replace(scope.static, context=context, refined=refined), self.anchor, bound=scope.bound)

    def in_part(self, context: Shape | None, variables: Mapping[str, Shape], anchor: Span) -> Scope:
        """Inside a part: only its own variables, and another current value unless it keeps this one."""
        if context is not None:
            return Scope(replace(self.static, context=context, variables=variables, refined={}), anchor)
        refined = {place: shape for place, shape in self.static.refined.items() if place[0] == CONTEXT}
        return Scope(replace(self.static, variables=variables, refined=refined), anchor, self.whole)
