"""A trace: the stages of one request, and the history of every field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.trace.made import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A place that was read: in a stage by its number, or in a variable of the engine that is no stage."""

    stage: int | None
    variable: str
    path: Path

    @property
    def pointer(self) -> str:
        return pointer_of(self.path)

    def __str__(self) -> str:
        return f"${self.variable}{self.pointer}" if self.variable else self.pointer or "/"


@dataclass(frozen=True, slots=True)
class Field:
    """The history of a place: the rule, what it read, what it was chosen by, the uses of parts that led to it.

    `copied`: the value is the source's own. Where no rule wrote it, `by` says in words what did.
    """

    place: Span | None = None
    sources: tuple[Source, ...] = ()
    copied: bool = False
    conditions: tuple[Source, ...] = ()
    via: tuple[Span, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """What was lost, why, and the line that says so."""

    field: str
    reason: str
    place: Span | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A document on its way. `origin` is the number of the stage that it was made of.

    `step` counts the events of an upstream's stream from 1, `attempt` the providers that were asked from 0.
    """

    name: str
    title: str
    document: Json
    fields: Mapping[Path, Field] = field(default_factory=dict)
    drops: tuple[Drop, ...] = ()
    origin: int | None = None
    step: int = 0
    attempt: int = 0

    def field(self, path: Path) -> Field | None:
        """The history of any place: of the nearest one around it that was written as a whole."""
        for length in range(len(path), -1, -1):
            found = self.fields.get(path[:length])
            if found is None:
                continue
            if not found.copied or length == len(path):
                return found
            rest = path[length:]
            return replace(found, sources=tuple(replace(s, path=(*s.path, *rest)) for s in found.sources))
        return None


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that happened, in order. `facts` tell what was asked of whom; `failure` why it ended early."""

    title: str
    facts: Mapping[str, str]
    stages: tuple[Stage, ...]
    failure: str = ""


def places(value: Json, path: Path = ()) -> Iterator[Path]:
    """Every place of a document, outer ones first."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def pointer_of(path: Path) -> str:
    """The path as a JSON pointer."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
