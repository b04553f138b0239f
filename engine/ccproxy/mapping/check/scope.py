"""`Scope`: what is known at one place of a template."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from ccproxy.diagnostics.model import Span
from ccproxy.expr.check.environment import CONTEXT, Place
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
    given: Shape | None = None  # the current value before tests narrowed it
    conditional: bool = False  # inside an `$if`
    bound: Mapping[str, Bound] = field(default_factory=dict)

    @property
    def context(self) -> Shape:
        return self.static.context

    @property
    def stands_for_all(self) -> bool:
        """Whether a word written here replaces the current value: always, or for these alternatives of it."""
        if not self.whole:
            return False
        return not self.conditional or (self.given is not None and self.context.nodes < self.given.nodes)

    def within(self, static: StaticScope, *, conditional: bool = False) -> Scope:
        """The same place, of which a test told more."""
        given = self.given or self.context
        return Scope(static, self.anchor, self.whole, given, self.conditional or conditional, self.bound)

    def under(self, anchor: Span, *, whole: bool | None = None) -> Scope:
        kept = self.whole if whole is None else whole
        if anchor is self.anchor and kept == self.whole:
            return self
        return Scope(self.static, anchor, kept, self.given, self.conditional, self.bound)

    def bind(self, **variables: Shape) -> Scope:
        """More variables. What was known of older ones of these names is forgotten."""
        static = replace(
            self.static,
            variables={**self.static.variables, **variables},
            refined=_without(self.static.refined, variables),
            wide=_without(self.static.wide, variables),
        )
        bound = {name: what for name, what in self.bound.items() if name not in variables}
        return replace(self, static=static, bound=bound)

    def bind_template(self, name: str, template: Template, shape: Shape, anchor: Span) -> Scope:
        """A `$let`."""
        scope = self.bind(**{name: shape})
        return replace(scope, bound={**scope.bound, name: (template, self.under(anchor, whole=False))})

    def over(self, context: Shape, **variables: Shape) -> Scope:
        """Another current value, and variables that come with it."""
        scope = self.bind(**variables)
        static = scope.static
        refined, wide = _without(static.refined, (CONTEXT,)), _without(static.wide, (CONTEXT,))
        return Scope(replace(static, context=context, refined=refined, wide=wide), self.anchor, bound=scope.bound)

    def in_part(
        self, context: Shape | None, variables: Mapping[str, Shape], bound: Mapping[str, Bound], anchor: Span
    ) -> Scope:
        """Inside a part: only its own variables, and another current value unless it keeps this one."""
        if context is not None:
            static = replace(self.static, context=context, variables=variables, refined={}, wide={})
            return Scope(static, anchor, bound=bound)
        refined, wide = _only(self.static.refined, CONTEXT), _only(self.static.wide, CONTEXT)
        static = replace(self.static, variables=variables, refined=refined, wide=wide)
        return replace(self, static=static, anchor=anchor, bound=bound)


def _without(known: Mapping[Place, Shape], roots: Collection[str]) -> Mapping[Place, Shape]:
    return {place: shape for place, shape in known.items() if place[0] not in roots} if known else known


def _only(known: Mapping[Place, Shape], root: str) -> Mapping[Place, Shape]:
    return {place: shape for place, shape in known.items() if place[0] == root} if known else known


Bound = tuple[Template, Scope]
