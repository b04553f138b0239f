"""Counts that several processes add to."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.state.store import Counts

_Slots = dict[tuple[str, str], dict[int, float]]


class Tally:
    """State: what the store knew when it was last read, what is on its way there, and what came since."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stored: _Slots = {}
        self._sent: _Slots = {}
        self._fresh: _Slots = {}

    def add(self, what: str, who: str, at: int, amount: float) -> None:
        """Add to one count."""
        with self._lock:
            _add(self._fresh, what, who, at, amount)

    def value(self, what: str, who: str, at: int) -> float:
        """Return one count."""
        return self.since(what, who, at).get(at, 0.0)

    def since(self, what: str, who: str, first: int) -> dict[int, float]:
        """Return the counts of one kind from a time on."""
        found: dict[int, float] = {}
        with self._lock:
            for part in (self._stored, self._sent, self._fresh):
                for at, amount in part.get((what, who), {}).items():
                    if at >= first:
                        found[at] = found.get(at, 0.0) + amount
        return found

    def beginning_with(self, prefix: str) -> dict[tuple[str, str, int], float]:
        """Return every count that is not stored yet, of the kinds whose names begin like this."""
        found: dict[tuple[str, str, int], float] = {}
        with self._lock:
            for part in (self._sent, self._fresh):
                for (what, who), slots in part.items():
                    if what.startswith(prefix):
                        for at, amount in slots.items():
                            found[what, who, at] = found.get((what, who, at), 0.0) + amount
        return found

    def take(self) -> Counts:
        """Send what is new on its way to the store; `settle` or `give_back` must follow."""
        with self._lock:
            self._sent, self._fresh = self._fresh, {}
            return dict(_flat(self._sent))

    def settle(self, stored: Counts | None) -> None:
        """What was taken has arrived; this is what the store knows now, unless nothing changed."""
        slots: _Slots = {}
        for (what, who, at), amount in (stored or {}).items():
            _add(slots, what, who, at, amount)
        with self._lock:
            self._sent = {}
            if stored is not None:
                self._stored = slots

    def give_back(self) -> None:
        """What was taken did not arrive."""
        with self._lock:
            for (what, who, at), amount in _flat(self._sent):
                _add(self._fresh, what, who, at, amount)
            self._sent = {}

    def forget(self, what: str, before: int) -> None:
        """Forget counts of a kind from before a time, which nobody stored and nobody will ask for."""
        with self._lock:
            for kind in [kind for kind in self._fresh if kind[0] == what]:
                slots = {at: amount for at, amount in self._fresh[kind].items() if at >= before}
                if slots:
                    self._fresh[kind] = slots
                else:
                    del self._fresh[kind]


def _add(part: _Slots, what: str, who: str, at: int, amount: float) -> None:
    slots = part.setdefault((what, who), {})
    slots[at] = slots.get(at, 0.0) + amount


def _flat(part: _Slots) -> Iterator[tuple[tuple[str, str, int], float]]:
    return (((what, who, at), amount) for (what, who), slots in part.items() for at, amount in slots.items())
