"""`Environment`: the shapes that names have at one place of an expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ccproxy.expr.tables import SharedTable
from ccproxy.shapes.nodes import Node
from ccproxy.shapes.shape import Shape

# A variable's name, or CONTEXT, and the names of fields below it.
Place = tuple[str, ...]
CONTEXT = ""
KnownFields = Mapping[tuple[Node, str], Shape]


@dataclass(frozen=True, slots=True)
class Environment:
    """`refined` holds what tests told about fields, beyond what their owners say; `wide` what was known before."""

    context: Shape
    root: Shape
    variables: Mapping[str, Shape]
    tables: Mapping[str, SharedTable]
    functions: frozenset[str] = frozenset()  # variables of the expression that hold functions
    refined: Mapping[Place, Shape] = field(default_factory=dict)
    wide: Mapping[Place, Shape] = field(default_factory=dict)
    fields: KnownFields = field(default_factory=dict)  # shapes of fields beyond what the schema says

    def at(self, context: Shape) -> Environment:
        """Another current value."""
        refined, wide = _without(self.refined, CONTEXT), _without(self.wide, CONTEXT)
        return replace(self, context=context, refined=refined, wide=wide)

    def widened(self, place: Place, shape: Shape) -> Environment:
        """Remember what a place was before a test narrowed it."""
        return self if place in self.wide else replace(self, wide={**self.wide, place: shape})

    def narrow_context(self, context: Shape) -> Environment:
        """The same current value, of which more is known."""
        return replace(self, context=context)

    def know(self, place: Place, shape: Shape) -> Environment:
        return replace(self, refined={**self.refined, place: shape})

    def bind(self, name: str, shape: Shape) -> Environment:
        return replace(
            self,
            variables={**self.variables, name: shape},
            functions=self.functions - {name},
            refined=_without(self.refined, name),
            wide=_without(self.wide, name),
        )

    def narrow_variable(self, name: str, shape: Shape) -> Environment:
        """The same value of a variable, of which more is known."""
        return replace(self, variables={**self.variables, name: shape})

    def bind_function(self, name: str) -> Environment:
        return replace(self, functions=self.functions | {name}, variables={**self.variables, name: Shape.any()})


def _without(refined: Mapping[Place, Shape], root: str) -> Mapping[Place, Shape]:
    return {place: shape for place, shape in refined.items() if place[0] != root} if refined else refined
