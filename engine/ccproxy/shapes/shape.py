"""`Shape`: a static type, the set of alternatives that a value may be.

    shape_of("unified/request").property("messages").shape.items().property("role").shape.enum()

Shapes are values: hashable, equal when their alternatives are, cheap to make, and lazy about what lies inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ccproxy.shapes.expansion import admits, elements_of, expand, field_of, fields_of
from ccproxy.shapes.nodes import (
    ANYTHING,
    NOTHING,
    BuiltArray,
    BuiltField,
    BuiltObject,
    Field,
    Kind,
    Node,
    Nodes,
    Plain,
    Scalar,
    Value,
    join_nodes,
    literal_node,
)


@dataclass(frozen=True, slots=True)
class Prop:
    """A field as seen over all alternatives: `known` when any can have it, `required` when every object must."""

    shape: Shape
    known: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """The alternatives of a value; no alternative means that there is never a value."""

    nodes: Nodes

    @staticmethod
    def any() -> Shape:
        return Shape(ANYTHING)

    @staticmethod
    def nothing() -> Shape:
        return Shape(NOTHING)

    @staticmethod
    def of(*kinds: Kind) -> Shape:
        """Return all values of these kinds."""
        return Shape(frozenset(Plain(kind) for kind in kinds))

    @staticmethod
    def literal(*values: Scalar) -> Shape:
        """Return exactly these values."""
        return Shape(frozenset(literal_node(value) for value in values))

    @staticmethod
    def array(items: Shape) -> Shape:
        return Shape(frozenset((BuiltArray(items.nodes),)))

    @staticmethod
    def object(
        fields: Mapping[str, Shape],
        optional: Iterable[str] = (),
        *,
        open: bool = False,  # noqa: A002
    ) -> Shape:
        """Return objects with these fields; those named in `optional` may be missing."""
        missing = frozenset(optional)
        built = (BuiltField(name, shape.nodes, name not in missing) for name, shape in fields.items())
        return Shape(frozenset((BuiltObject(frozenset(built), open),)))

    @property
    def is_any(self) -> bool:
        return self.nodes == ANYTHING

    @property
    def is_nothing(self) -> bool:
        return not self.nodes

    def kinds(self) -> frozenset[Kind]:
        return frozenset().union(*(node.kinds for node in self.nodes))

    def property(self, name: str) -> Prop:
        """Return the field `name` of the object alternatives; other alternatives say nothing about it."""
        return _property(self.nodes, name)

    def property_names(self) -> set[str]:
        return set().union(*(fields_of(node) for node in self.nodes))

    def items(self) -> Shape:
        """Return the elements of the array alternatives."""
        return Shape(join_nodes(elements_of(node) for node in self.nodes))

    def enum(self) -> frozenset[Scalar] | None:
        """Return the literals when every alternative is one, else None."""
        is_closed = bool(self.nodes) and all(isinstance(node, Value) for node in self.nodes)
        return self.literals() if is_closed else None

    def literals(self) -> frozenset[Scalar]:
        """Return the literals among the alternatives, whatever else there is."""
        return frozenset(node.value for node in self.nodes if isinstance(node, Value))

    def only(self, *kinds: Kind) -> Shape:
        """Keep the alternatives of these kinds."""
        if self.is_any:
            return Shape.of(*kinds)
        return Shape(frozenset(node for node in self.nodes if node.kinds <= set(kinds)))

    def without(self, *kinds: Kind) -> Shape:
        """Drop the alternatives of these kinds; `any` stays as it is."""
        return Shape(frozenset(node for node in self.nodes if not node.kinds <= set(kinds)))

    def narrow(self, field: str, value: Scalar) -> Shape:
        """Keep the objects whose `field` may be `value`; null also stands for a missing field."""
        return Shape(frozenset(node for node in self.nodes if _may_be(node, field, value)))

    def exclude(self, field: str, values: Iterable[Scalar]) -> Shape:
        """Drop the objects whose `field` can only be one of `values`."""
        gone = {literal_node(value) for value in values}
        return Shape(frozenset(node for node in self.nodes if not _is_always(node, field, gone)))

    def union(self, *others: Shape) -> Shape:
        return union(self, *others)


@lru_cache(maxsize=8192)
def _property(nodes: Nodes, name: str) -> Prop:
    fields = [field for node in nodes if (field := field_of(node, name))]
    return Prop(
        shape=Shape(join_nodes(field.nodes for field in fields)),
        known=any(field.known for field in fields),
        required=bool(fields) and all(field.required for field in fields),
    )


def shape_of(schema_name: str, pointer: str = "") -> Shape:
    """Return the shape of a schema file, or of a place in it."""
    return Shape(expand(schema_name, pointer))


def union(*shapes: Shape) -> Shape:
    """Return the shape of a value that has one of these shapes."""
    return Shape(join_nodes(shape.nodes for shape in shapes))


def _may_be(node: Node, field: str, value: Scalar) -> bool:
    said = field_of(node, field)
    if said is None:
        return False
    if value is None and not said.required:
        return True
    return admits(said.nodes, value)


def _is_always(node: Node, field: str, values: set[Node]) -> bool:
    said: Field | None = field_of(node, field)
    return said is not None and bool(said.nodes) and said.required and said.nodes <= values
