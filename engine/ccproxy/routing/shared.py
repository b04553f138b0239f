"""What the processes of one proxy share about keys and targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class SharedState(Protocol):
    """Turns of rotations, and who rests; implementations must answer at once."""

    def lease(self, counter: str, count: int) -> int:
        """Return the first of so many turn numbers that nobody else gets."""

    def rest(self, name: str, until: float) -> None:
        """Let a key or target rest until a unix time; 0 ends its rest."""

    def rests(self) -> Mapping[str, float]:
        """Return who rests until when; may be up to a second old."""


class OwnState:
    """The state of one process that shares nothing."""

    def __init__(self) -> None:
        self._turns: dict[str, int] = {}
        self._rests: dict[str, float] = {}

    def lease(self, counter: str, count: int) -> int:
        """Return the next turn numbers."""
        first = self._turns.get(counter, 0)
        self._turns[counter] = first + count
        return first

    def rest(self, name: str, until: float) -> None:
        """Note a rest."""
        if until:
            self._rests[name] = until
        else:
            self._rests.pop(name, None)

    def rests(self) -> Mapping[str, float]:
        """Return all rests."""
        return self._rests
