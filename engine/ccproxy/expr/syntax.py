"""The syntax tree of an expression: small frozen nodes, each with the characters it stands on.

Path(Step(Name), Step(Name, stages=(predicate,)))     a.b[predicate]
Call, Binary, Condition, Coalesce, …                  what their names say
Opaque                                                everything that is only evaluated, never compiled
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    pattern: re.Pattern[str]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Name:
    """A field name; only as the node of a step."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`; the empty name is the context `$`, the name `$` is the root `$$`."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*`: all values of an object."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path with its predicates."""

    node: Node
    stages: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Steps joined by dots; `keep` is the `[]` that keeps a single result in an array."""

    steps: tuple[Step, ...]
    keep: bool
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """Any other node with predicates or `[]`."""

    node: Node
    predicates: tuple[Node, ...]
    keep: bool
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class ArrayOf:
    items: tuple[Node, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Pair:
    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class ObjectOf:
    pairs: tuple[Pair, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Condition:
    test: Node
    then: Node
    otherwise: Node | None
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Coalesce:
    """`left ?? right`: right when left is nothing."""

    left: Node
    right: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Default:
    """`left ?: right`: right when left is false."""

    left: Node
    right: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function by its name."""

    function: str
    arguments: tuple[Node, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Lambda:
    parameters: tuple[str, ...]
    body: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Block:
    items: tuple[Node, ...]
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    value: Node
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """A construct that only the reference evaluator runs; `binds` are variables it introduces itself."""

    kind: str
    parts: tuple[Node, ...]
    binds: tuple[str, ...]
    offset: int
    length: int


Node: TypeAlias = (
    Literal | Pattern | Name | Wildcard | Variable | Path | Filtered | Binary | Negation | ArrayOf | ObjectOf
    | Condition | Coalesce | Default | Call | Lambda | Block | Assignment | Opaque
)  # fmt: skip


def children(node: Node | Step | Pair) -> Iterator[Node]:
    """Yield the nodes directly below, in the order they are written."""
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Step | Pair):
                yield from children(part)
            elif hasattr(part, "offset"):
                yield part


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)
