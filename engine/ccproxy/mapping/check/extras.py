"""What a protocol keeps under `extra:` on the way in, which is what it can read there on the way out.

The unified format leaves `extra` open; here it gets the shape of what the protocol's own `to_unified` writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.shapes.nodes import SchemaNode
from ccproxy.shapes.schemas import load_schema, schema_at
from ccproxy.shapes.shape import Shape, union

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ccproxy.expr.check.environment import KnownFields
    from ccproxy.shapes.nodes import Node

EXTRA = "extra"
SCHEMAS = ("block", "request", "response", "event")


@dataclass(slots=True)
class Extras:
    """Shapes by holder: the kind of block, or request, response, message, usage, stop."""

    protocol: str
    shapes: dict[str, Shape] = field(default_factory=dict)

    def note(self, holders: Collection[Node], written: Shape) -> None:
        """Remember what was written under `extra:` of these objects."""
        own = written.property(self.protocol)
        if not own.known and not written.is_any:
            return
        shape = Shape.any() if written.is_any else own.shape.without("null")
        for node in holders:
            holder = _holder(node)
            self.shapes[holder] = union(self.shapes[holder], shape) if holder in self.shapes else shape

    def fields(self, protocols: Collection[str]) -> KnownFields:
        """The shape of every `extra` of the unified format: where nothing is written, nothing can be read."""
        unwritten = Shape.object({}) if self.shapes else Shape.any()
        found: dict[tuple[Node, str], Shape] = {}
        for node in _unified_objects():
            own = self.shapes.get(_holder(node), unwritten)
            fields = {**dict.fromkeys(protocols, Shape.any()), self.protocol: own}
            found[node, EXTRA] = Shape.object(fields, optional=fields)
        return found


def _holder(node: Node) -> str:
    """What kind of object this is, the same for the fragments that it is made of."""
    if not isinstance(node, SchemaNode):
        return "response"  # the fragment `extra` itself
    file = node.schema.removeprefix("unified/")
    steps = node.pointer.split("/")
    name = steps[2] if len(steps) > 2 else file
    return "response" if name in ("message_start", "alternative") else name


def _unified_objects() -> Iterator[Node]:
    for file in SCHEMAS:
        name = f"unified/{file}"
        definitions = load_schema(name).get("$defs")
        pointers = ["", *(f"/$defs/{key}" for key in (definitions if isinstance(definitions, dict) else {}))]
        for pointer in pointers:
            schema = schema_at(name, pointer)
            properties = schema.get("properties") if isinstance(schema, dict) else None
            if isinstance(properties, dict) and EXTRA in properties:
                yield SchemaNode(name, pointer, "object")
