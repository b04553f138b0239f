"""What the engine knows of a mappings tree: an index of facts, and generated code on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.generated import Generated

    Drops = Mapping[tuple[str, str], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """Facts of one protocol.

    `drops` holds (pointer, reason) pairs by kind and direction; `request_fields` what a request may have at top level,
    empty when no schema says so.
    """

    facts: Mapping[str, Json]
    drops: Drops
    request_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class QuirkEntry:
    """Facts of one quirk; `kinds` names the messages it edits."""

    name: str
    applies_to: Mapping[str, tuple[str, ...]]
    after: tuple[str, ...]
    capabilities: Mapping[str, Json]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """Everything in a mappings tree but its templates."""

    protocols: Mapping[str, ProtocolEntry]
    quirks: Mapping[str, QuirkEntry]
    providers: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    clients: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    compat: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)


class Library(Protocol):
    """An index, and the code of what it names."""

    @property
    def index(self) -> Index:
        """The facts."""

    def folder(self, name: str, framing: Framing | None) -> Generated:
        """Code of a protocol's transforms, with stream events in this framing."""

    def quirk(self, name: str) -> Generated:
        """Code of a quirk's edits."""

    def request_schema(self, name: str) -> JsonObject:
        """The lenient schema that client bodies of a protocol are checked against."""
