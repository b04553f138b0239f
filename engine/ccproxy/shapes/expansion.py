"""From a place in a schema file to nodes, and one step further inside.

Reads `$ref`, `type`, `const`, `enum`, `anyOf`, `oneOf`, `properties`, `required`, `additionalProperties`, `items`;
refuses keywords that would make it lie.
"""

from __future__ import annotations

from functools import cache
from typing import Final, cast

from ccproxy.jsontypes import JsonObject
from ccproxy.shapes.nodes import (
    ANYTHING,
    KINDS,
    NOTHING,
    BuiltArray,
    BuiltObject,
    Field,
    Kind,
    Node,
    Nodes,
    Plain,
    SchemaNode,
    Value,
    join_nodes,
    literal_node,
)
from ccproxy.shapes.schemas import join_pointer, load_schema, resolve_reference, schema_at

REFUSED: Final = frozenset(("allOf", "not", "if", "patternProperties", "unevaluatedProperties", "dependentSchemas"))
STRUCTURE: Final = frozenset(("type", "properties", "required", "items", "additionalProperties", "const", "enum"))


class UnsupportedSchemaError(ValueError):
    """A schema uses a keyword that static types do not know."""


@cache
def expand(name: str, pointer: str) -> Nodes:
    """Return the alternatives that the schema at this place allows."""
    return _expand(name, pointer, frozenset())


def _expand(name: str, pointer: str, passed: frozenset[tuple[str, str]]) -> Nodes:
    if (name, pointer) in passed:
        return NOTHING
    schema = schema_at(name, pointer)
    if not isinstance(schema, dict):
        return NOTHING if schema is False else ANYTHING
    _refuse_unknown(schema, name, pointer)
    passed |= {(name, pointer)}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _expand(*resolve_reference(name, reference), passed)
    for union in ("anyOf", "oneOf"):
        branches = schema.get(union)
        if isinstance(branches, list):
            return join_nodes(_expand(name, join_pointer(pointer, union, i), passed) for i in range(len(branches)))
    return _expand_plain(schema, name, pointer)


def _refuse_unknown(schema: JsonObject, name: str, pointer: str) -> None:
    refused = REFUSED & schema.keys()
    if ("anyOf" in schema or "oneOf" in schema) and not refused:
        refused = STRUCTURE & schema.keys()
    if refused:
        raise UnsupportedSchemaError(f"schema `{name}` uses {sorted(refused)} at `{pointer}`")


def _expand_plain(schema: JsonObject, name: str, pointer: str) -> Nodes:
    if "const" in schema:
        return frozenset((literal_node(schema["const"]),))
    values = schema.get("enum")
    if isinstance(values, list):
        return frozenset(literal_node(value) for value in values)
    kinds = _kinds_of(schema)
    if kinds is None:
        return ANYTHING
    return frozenset(_node_of_kind(kind, schema, name, pointer) for kind in kinds)


def _kinds_of(schema: JsonObject) -> list[Kind] | None:
    kinds = schema.get("type")
    if isinstance(kinds, str):
        kinds = [kinds]
    if isinstance(kinds, list):
        return [kind for kind in kinds if kind in KINDS]
    if "properties" in schema:
        return ["object"]
    return ["array"] if "items" in schema else None


def _node_of_kind(kind: Kind, schema: JsonObject, name: str, pointer: str) -> Node:
    says_more = (kind == "object" and ("properties" in schema or "additionalProperties" in schema)) or (
        kind == "array" and "items" in schema
    )
    return SchemaNode(name, pointer, kind) if says_more else Plain(kind)


@cache
def field_of(node: Node, field: str) -> Field | None:
    """Return what `node` says about a field; None when it is no object."""
    if "object" not in node.kinds:
        return None
    if isinstance(node, SchemaNode):
        return _schema_field(node, field)
    if isinstance(node, BuiltObject):
        return _built_field(node, field)
    return Field(ANYTHING, known=True, required=False)


def _schema_field(node: SchemaNode, field: str) -> Field:
    schema = cast(JsonObject, schema_at(node.schema, node.pointer))
    properties = schema.get("properties")
    required = schema.get("required")
    if isinstance(properties, dict) and field in properties:
        nodes = expand(node.schema, join_pointer(node.pointer, "properties", field))
        return Field(nodes, known=True, required=isinstance(required, list) and field in required)
    others = schema.get("additionalProperties")
    if others is True:
        return Field(ANYTHING, known=True, required=False)
    if isinstance(others, dict):
        nodes = expand(node.schema, join_pointer(node.pointer, "additionalProperties"))
        return Field(nodes, known=True, required=False)
    return Field(NOTHING, known=False, required=False)


def _built_field(node: BuiltObject, field: str) -> Field:
    for built in node.fields:
        if built.name == field:
            return Field(built.nodes, known=True, required=built.required)
    return Field(ANYTHING if node.open else NOTHING, known=node.open, required=False)


@cache
def elements_of(node: Node) -> Nodes:
    """Return the elements of the arrays that `node` allows."""
    if isinstance(node, SchemaNode) and node.kind == "array":
        return expand(node.schema, join_pointer(node.pointer, "items"))
    if isinstance(node, BuiltArray):
        return node.items
    return ANYTHING if "array" in node.kinds else NOTHING


@cache
def fields_of(node: Node) -> frozenset[str]:
    """Return the names of the declared fields."""
    if isinstance(node, SchemaNode) and node.kind == "object":
        properties = cast(JsonObject, schema_at(node.schema, node.pointer)).get("properties")
        return frozenset(properties) if isinstance(properties, dict) else frozenset()
    if isinstance(node, BuiltObject):
        return frozenset(built.name for built in node.fields)
    return frozenset()


def admits(nodes: Nodes, value: object) -> bool:
    """Say whether a scalar is among the values of these nodes."""
    wanted = literal_node(value)
    kinds = wanted.kinds | (frozenset(("number",)) if "integer" in wanted.kinds else frozenset())
    return any(node == wanted or (not isinstance(node, Value) and kinds & node.kinds) for node in nodes)


def forget_schemas() -> None:
    """Give back the memory of everything read so far; it is read again when asked for."""
    for remembered in (expand, field_of, fields_of, elements_of, load_schema):
        remembered.cache_clear()
