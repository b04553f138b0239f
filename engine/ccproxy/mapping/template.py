"""The template tree: what one mapping says, with the YAML node of every piece.

Templates are built by `parser` from YAML, read by `check` and turned into Python by `codegen`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.expr.parse import Expression
    from ccproxy.jsontypes import Json
    from ccproxy.yamltree.nodes import Node, ScalarNode


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written as it stands."""

    value: Json
    node: Node


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A JSONata expression over the current value."""

    expression: Expression
    node: ScalarNode


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an output object."""

    key: str
    value: Template
    node: ScalarNode


@dataclass(frozen=True, slots=True)
class Copy:
    """`$copy`: same-named fields of `source` (the current value when None)."""

    names: tuple[ScalarNode, ...]
    source: Template | None


@dataclass(frozen=True, slots=True)
class Object:
    """An output object: spread objects first, then copied fields, then its own keys."""

    merge: tuple[Template, ...]
    copy: Copy | None
    fields: tuple[Field, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Array:
    """A YAML list, or `$concat`: items in list context."""

    items: tuple[Template, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Each:
    """`$each`: one output per item of `source`."""

    source: Template
    body: Template
    node: Node


@dataclass(frozen=True, slots=True)
class If:
    """`$if`: `then` when the condition holds, else `otherwise`, else nothing."""

    condition: Template
    then: Template
    otherwise: Template | None
    node: Node


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a `$match`; `values` are alternatives."""

    values: tuple[Json, ...]
    body: Template
    node: ScalarNode


@dataclass(frozen=True, slots=True)
class Match:
    """`$match`: the case whose value equals the subject; `none` for nothing or null."""

    subject: Template
    cases: tuple[Case, ...]
    none: Template | None
    otherwise: Template | None
    node: Node


@dataclass(frozen=True, slots=True)
class Let:
    """`$let`: names for intermediate values, in order."""

    bindings: tuple[Field, ...]
    body: Template
    node: Node


@dataclass(frozen=True, slots=True)
class Use:
    """`$use`: a part or table applied to `of` (the current value when None)."""

    name: ScalarNode
    of: Template | None
    arguments: tuple[Field, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Entries:
    """`$entries`: object to object; `$key` and `$value` are bound."""

    source: Template
    name: Template | None
    body: Template
    node: Node


@dataclass(frozen=True, slots=True)
class First:
    """`$first`: the first option that yields something."""

    options: tuple[Template, ...]
    node: Node


@dataclass(frozen=True, slots=True)
class Drop:
    """`$drop`: nothing, and an entry in the loss report."""

    reason: str
    node: Node


@dataclass(frozen=True, slots=True)
class Reject:
    """`$reject`: end the conversion with this unified error."""

    error: Template
    node: Node


Template = Literal | Dynamic | Object | Array | Each | If | Match | Let | Use | Entries | First | Drop | Reject


def children(template: Template) -> Iterator[Template]:
    """The templates directly inside this one."""
    match template:
        case Object(merge=merge, copy=copy, fields=fields):
            yield from merge
            if copy and copy.source:
                yield copy.source
            yield from (field.value for field in fields)
        case Array(items=items) | First(options=items):
            yield from items
        case Each(source=source, body=body):
            yield source
            yield body
        case If(condition=condition, then=then, otherwise=otherwise):
            yield condition
            yield then
            if otherwise:
                yield otherwise
        case Match(subject=subject, cases=cases, none=none, otherwise=otherwise):
            yield subject
            yield from (case.body for case in cases)
            yield from (body for body in (none, otherwise) if body)
        case Let(bindings=bindings, body=body):
            yield from (binding.value for binding in bindings)
            yield body
        case Use(of=of, arguments=arguments):
            if of:
                yield of
            yield from (argument.value for argument in arguments)
        case Entries(source=source, name=name, body=body):
            yield source
            if name:
                yield name
            yield body
        case Reject(error=error):
            yield error
        case _:
            return


def walk(template: Template) -> Iterator[Template]:
    """This template and everything inside it, outermost first."""
    yield template
    for child in children(template):
        yield from walk(child)
