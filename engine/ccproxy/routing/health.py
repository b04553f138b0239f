"""Who rests after failures, and how a rest ends: with one probe, and a longer rest when that fails too.

A key rests after it was refused, a turn (key and model) when its rate limit is reached, a target (provider and model)
after repeated failures. What rests is known to all processes through the shared state.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from ccproxy.routing.shared import OwnState

if TYPE_CHECKING:
    from ccproxy.routing.rotation import Turn
    from ccproxy.routing.shared import SharedState

# Failures in a row after which a target rests.
PATIENCE: Final = 3
# While one request finds out whether a rest may end, others stay away for so long.
PROBE_S: Final = 20.0
LONGEST_REST_S: Final = 900.0
# What one failure says about: the key for all models, the key for this model, or the model for all keys.
REFUSED: Final = frozenset({401, 402, 403})
LIMITED: Final = frozenset({429})


class HealthBoard:
    """State: rests and failures in a row. Outlives the configuration, since names stay the same."""

    def __init__(
        self, shared: SharedState | None = None, cooldown_s: float = 60.0, clock: Callable[[], float] = time.time
    ) -> None:
        self._shared = shared or OwnState()
        self.cooldown_s = cooldown_s
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._rounds: dict[str, int] = {}  # how often something went back to rest without a success
        self._asked: dict[str, float] = {}  # until when providers asked to be left alone

    def ready_in(self, turn: Turn) -> float:
        """Return for how many seconds a turn still rests; 0 when it may be taken."""
        rests = self._shared.rests()
        if not rests:
            return 0.0
        latest = max(rests.get(name, 0.0) for name in names_of(turn))
        return max(0.0, latest - self._clock())

    def asked_wait(self, turn: Turn) -> float:
        """Return for how many seconds a provider itself asked to be left alone on this turn."""
        now = self._clock()
        return max(0.0, *(self._asked.get(name, 0.0) - now for name in names_of(turn)))

    def take(self, turn: Turn) -> None:
        """Note that a request goes to a turn; where a rest has just ended it is a probe, and others wait for it."""
        rests = self._shared.rests()
        if not rests:
            return
        for name in names_of(turn):
            if name in rests:
                self._shared.rest(name, self._clock() + PROBE_S)

    def succeed(self, turn: Turn) -> None:
        """Forget what was held against a turn."""
        if not self._failures and not self._rounds and not self._shared.rests():
            return
        for name in names_of(turn):
            self._failures.pop(name, None)
            self._rounds.pop(name, None)
            self._asked.pop(name, None)
            if name in self._shared.rests():
                self._shared.rest(name, 0.0)

    def fail(self, turn: Turn, status: int, retry_after_s: float | None) -> None:
        """Hold a failure against a turn; `status` is 0 when the provider gave none."""
        key, one, target = names_of(turn)
        if status in REFUSED and turn.key is not None:
            self._rest(key, retry_after_s)
        elif status in LIMITED or retry_after_s is not None:
            self._rest(one, retry_after_s)
        else:
            self._failures[target] = self._failures.get(target, 0) + 1
            if self._failures[target] >= PATIENCE or target in self._shared.rests():
                self._rest(target, None)

    def resting(self) -> dict[str, float]:
        """Return who rests, and for how many more seconds."""
        now = self._clock()
        return {name: round(until - now, 1) for name, until in self._shared.rests().items() if until > now}

    def _rest(self, name: str, asked_s: float | None) -> None:
        rounds = self._rounds.get(name, 0)
        self._rounds[name] = rounds + 1
        seconds = asked_s if asked_s is not None else min(self.cooldown_s * 2**rounds, LONGEST_REST_S)
        if asked_s is not None:
            self._asked[name] = self._clock() + asked_s
        if seconds > 0:
            self._shared.rest(name, self._clock() + seconds)


def names_of(turn: Turn) -> tuple[str, str, str]:
    """Return the names under which a turn's key, the turn itself and its target rest; no name tells a key."""
    provider = turn.provider.name
    digest = blake2b((turn.key or "").encode(), digest_size=6).hexdigest() if turn.key else "-"
    return f"key {provider} {digest}", f"turn {provider} {digest} {turn.model}", f"target {provider} {turn.model}"
