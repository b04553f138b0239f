"""Turns and rests that the workers of one host share through a store."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final

from ccproxy.routing.shared import OwnState
from ccproxy.state.store import Store, StoreError

WITHOUT_STORE_S: Final = 1.0


class StoredShare:
    """State: who rests, as far as this process knows. A store that fails is asked for turns again a second later."""

    def __init__(self, store: Store, hurry: Callable[[], None], clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._hurry = hurry
        self._clock = clock
        self._own = OwnState()
        self._lock = Lock()
        self._rests: dict[str, float] = {}
        self._sent: dict[str, float] = {}
        self._fresh: dict[str, float] = {}
        self._lease_from = 0.0

    def lease(self, counter: str, count: int) -> int:
        """Return turn numbers that nobody else gets, or own ones while the store is of no use."""
        if self._clock() >= self._lease_from:
            try:
                return self._store.lease(counter, count)
            except StoreError:
                self._lease_from = self._clock() + WITHOUT_STORE_S
        return self._own.lease(counter, count)

    def rest(self, name: str, until: float) -> None:
        """Let a key or target rest; the others learn it with the next exchange, which comes at once."""
        with self._lock:
            self._fresh[name] = until
            self._rests = _without_ended({**self._rests, name: until})
        self._hurry()

    def rests(self) -> Mapping[str, float]:
        """Return who rests until when."""
        return self._rests

    def take(self) -> Mapping[str, float]:
        """Send what is new on its way to the store; `settle` or `give_back` must follow."""
        with self._lock:
            self._sent, self._fresh = self._fresh, {}
            return dict(self._sent)

    def settle(self, stored: Mapping[str, float] | None) -> None:
        """What was taken has arrived; this is what the store knows now, unless nothing changed."""
        with self._lock:
            self._sent = {}
            if stored is not None:
                self._rests = _without_ended({**stored, **self._fresh})

    def give_back(self) -> None:
        """What was taken did not arrive."""
        with self._lock:
            self._fresh = {**self._sent, **self._fresh}
            self._sent = {}


def _without_ended(rests: Mapping[str, float]) -> dict[str, float]:
    return {name: until for name, until in rests.items() if until}
