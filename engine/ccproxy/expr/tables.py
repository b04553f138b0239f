"""Shared tables as expressions see them: `$name(x)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ccproxy.jsontypes import Json


class SharedTable(Protocol):
    """A table of words; a word it lacks gives `default`, and null there means nothing."""

    @property
    def values(self) -> Mapping[str, Json]: ...

    @property
    def default(self) -> Json: ...


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A table by itself, for checks and tests."""

    values: Mapping[str, Json] = field(default_factory=dict)
    default: Json = None
