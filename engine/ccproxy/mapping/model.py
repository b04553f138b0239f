"""What the files of a mappings tree say, as values. `loader` builds them, `check` and `codegen` read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.template import Template
    from ccproxy.yamltree.nodes import MapNode, ScalarNode

# `request`, `response`, `stream`, `error`; of operations besides chat `<operation>_request` and `<operation>_response`.
Kind = str
Direction = Literal["to_unified", "from_unified"]
KINDS: tuple[Kind, ...] = ("request", "response", "stream", "error")
OPERATION_HALVES = ("request", "response")
DIRECTIONS: tuple[Direction, ...] = ("to_unified", "from_unified")


def operation_kind(operation: str, half: str) -> Kind:
    """The kind of an operation's requests or responses."""
    return f"{operation}_{half}"


@dataclass(frozen=True, slots=True)
class Table:
    """A shared table: words of one side to words of the other."""

    name: str
    values: Mapping[str, Json]
    default: Json
    node: MapNode


@dataclass(frozen=True, slots=True)
class DropEntry:
    """A field that a direction does not carry, and why."""

    pointer: str
    reason: str
    node: ScalarNode


@dataclass(frozen=True, slots=True)
class Part:
    """A named template, visible in its whole protocol folder."""

    name: str
    template: Template
    node: ScalarNode


@dataclass(frozen=True, slots=True)
class Folder:
    """One protocol: its facts, transforms, parts and drops."""

    name: str
    facts: Mapping[str, Json]
    facts_node: MapNode | None
    transforms: Mapping[tuple[Kind, Direction], Template]
    parts: Mapping[str, Part]
    drops: Mapping[tuple[Kind, Direction], tuple[DropEntry, ...]]


@dataclass(frozen=True, slots=True)
class Example:
    """A test inside a quirk file: this message must become that one."""

    given: Json
    expect: Json
    kind: str
    node: MapNode


@dataclass(frozen=True, slots=True)
class Quirk:
    """A small overlay on the backend side of one protocol."""

    name: str
    why: str
    source: str
    applies_to: Mapping[str, tuple[str, ...]]
    after: tuple[str, ...]
    edits: Mapping[str, Template]
    capabilities: Mapping[str, Json]
    examples: tuple[Example, ...]
    node: MapNode


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything under one or several mappings directories."""

    folders: Mapping[str, Folder]
    tables: Mapping[str, Table]
    quirks: Mapping[str, Quirk]
    providers: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    clients: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    compat: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
