"""`Reads`: which fields of the source were read, so that nothing is lost in silence.

A field is known by the schema node that declares it, wherever a value of that node turns up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ccproxy.diagnostics.model import Span
from ccproxy.shapes.expansion import field_of, fields_of
from ccproxy.shapes.nodes import BuiltArray, BuiltObject, Node, Nodes, SchemaNode, Value
from ccproxy.shapes.shape import Shape

DEEPEST = 4  # arrays in arrays


@dataclass(slots=True)
class Reads:
    """Fields read for their value, fields only asked about, nodes that were carried whole.

    `replaced` are nodes in whose place something else was put, `ignored` those for which a rule yields nothing.
    """

    fields: set[tuple[Node, str]] = field(default_factory=set)
    tested: set[tuple[Node, str]] = field(default_factory=set)
    whole: set[Node] = field(default_factory=set)
    places: dict[tuple[Node, str], Span] = field(default_factory=dict)  # where a field was first read
    at: Span | None = None  # where the expression at hand stands
    sound: set[int] = field(default_factory=set)  # characters of the expression at hand where a field is that exists
    replaced: set[Node] = field(default_factory=set)
    ignored: set[Node] = field(default_factory=set)

    def read(self, shape: Shape, name: str, *, testing: bool) -> None:
        """Note that a field was read."""
        target = self.tested if testing else self.fields
        for node in shape.nodes:
            if isinstance(node, SchemaNode) and name in fields_of(node):
                target.add((node, name))
                if self.at is not None:
                    self.places.setdefault((node, name), self.at)

    def carry(self, shape: Shape) -> None:
        """Note that the value went on as it is."""
        self._carry(shape.nodes, DEEPEST)

    def _carry(self, nodes: Nodes, depth: int) -> None:
        for node in nodes:
            if isinstance(node, SchemaNode):
                self.whole.add(node)
                if node.kind == "array" and depth:
                    self._carry(Shape(frozenset((node,))).items().nodes, depth - 1)
            elif isinstance(node, BuiltArray) and depth:
                self._carry(node.items, depth - 1)
            elif isinstance(node, BuiltObject) and depth:
                for built in node.fields:
                    self._carry(built.nodes, depth - 1)

    def is_done(self, node: Node) -> bool:
        """Whether a node needs no further reading. One that is ignored here may be read elsewhere, and then counts."""
        if node in self.whole or node in self.replaced:
            return True
        return node in self.ignored and not any(owner == node and _varies(node, name) for owner, name in self.fields)

    def carry_without(self, shape: Shape, names: Iterable[str]) -> None:
        """Note that an object went on, all but these fields."""
        left = set(names)
        for node in shape.nodes:
            if isinstance(node, SchemaNode) and node.kind == "object":
                for name in fields_of(node) - left:
                    self.fields.add((node, name))
                    found = field_of(node, name)
                    self._carry(found.nodes if found else frozenset(), DEEPEST)


def _varies(node: Node, name: str) -> bool:
    """Whether a field is more than a word that says what the object is."""
    found = field_of(node, name)
    return found is not None and not all(isinstance(each, Value) for each in found.nodes)
