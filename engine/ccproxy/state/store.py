"""What a database behind the state must be able to do: a file of SQLite is one, a server for many hosts another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from ccproxy.state.rows import UsageRow

# What is counted, of whom, and when: a second, a day, a bucket, or 0.
Count: TypeAlias = tuple[str, str, int]
Counts: TypeAlias = Mapping[Count, float]


class StoreError(Exception):
    """The store cannot be used, now or at all; the message is for people."""


@dataclass(frozen=True, slots=True)
class News:
    """What happened in this process: requests, amounts to add to counts, and rests, of which 0 ends one."""

    rows: Sequence[UsageRow] = ()
    counts: Counts = field(default_factory=dict)
    rests: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.counts or self.rests)


@dataclass(frozen=True, slots=True)
class Picture:
    """What all processes together have counted, and who rests until when."""

    counts: Counts = field(default_factory=dict)
    rests: Mapping[str, float] = field(default_factory=dict)


class Store(Protocol):
    """A database. Every method raises StoreError when it fails, and then has changed nothing."""

    def lease(self, counter: str, count: int) -> int:
        """Return the first of so many turn numbers that nobody else gets; answers within some milliseconds."""

    def exchange(self, news: News, wanted: Mapping[str, int], now: float) -> Picture | None:
        """Store news and return the picture after it, or None when nothing has changed since the last one.

        `wanted` names the counts of the picture, each with the first time that matters; older ones may be forgotten.
        """

    def totals(self) -> Counts:
        """Return the counts that are never forgotten."""

    def close(self) -> None:
        """Let go of the database."""
