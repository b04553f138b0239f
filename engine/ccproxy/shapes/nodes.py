"""The alternatives a shape is made of, one JSON kind each.

Schema nodes are names of places in schema files, so a recursive schema is a finite value: nothing below a place is
read before it is asked for. Built nodes describe values that an expression or a template makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind = Literal["object", "array", "string", "number", "integer", "boolean", "null"]
Scalar: TypeAlias = str | int | float | bool | None

KINDS: Final[frozenset[Kind]] = frozenset(("object", "array", "string", "number", "integer", "boolean", "null"))


@dataclass(frozen=True, slots=True)
class Anything:
    """Every JSON value."""

    @property
    def kinds(self) -> frozenset[Kind]:
        return KINDS


@dataclass(frozen=True, slots=True)
class Plain:
    """All values of one kind, nothing known about their inside."""

    kind: Kind

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset((self.kind,))


@dataclass(frozen=True, slots=True)
class Value:
    """One literal; the kind keeps `true` and `1` apart."""

    kind: Kind
    value: Scalar

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset((self.kind,))


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """The objects, or the arrays, that one place in a schema file allows."""

    schema: str
    pointer: str
    kind: Kind

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset((self.kind,))


@dataclass(frozen=True, slots=True)
class BuiltArray:
    """An array whose elements are `items`."""

    items: Nodes

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(("array",))


@dataclass(frozen=True, slots=True)
class BuiltField:
    """One field of a built object."""

    name: str
    nodes: Nodes
    required: bool


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """An object with these fields; `open` allows others."""

    fields: frozenset[BuiltField]
    open: bool

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset(("object",))


Node: TypeAlias = Anything | Plain | Value | SchemaNode | BuiltArray | BuiltObject
Nodes: TypeAlias = frozenset[Node]

ANYTHING: Final[Nodes] = frozenset((Anything(),))
NOTHING: Final[Nodes] = frozenset()


@dataclass(frozen=True, slots=True)
class Field:
    """What one node says about a field; `known` is false when the node declares others but not this one."""

    nodes: Nodes
    known: bool
    required: bool


def join_nodes(parts: Iterable[Nodes]) -> Nodes:
    """Return the union; `Anything` swallows the rest, a plain kind swallows its literals."""
    nodes: Nodes = frozenset().union(*parts)
    if nodes & ANYTHING:
        return ANYTHING
    plain = {node.kind for node in nodes if isinstance(node, Plain)}
    return frozenset(node for node in nodes if not (isinstance(node, Value) and node.kind in plain))


def kind_of(value: object) -> Kind:
    """Return the JSON kind of a Python value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, dict) else "array"


def literal_node(value: object) -> Node:
    """Return the node of one literal; a constant object or array counts as its plain kind."""
    if isinstance(value, str | int | float | bool) or value is None:
        return Value(kind_of(value), value)
    return Plain(kind_of(value))
