"""One clock for all requests: pings to clients that wait, and an end to upstreams that keep silent.

A timer for each piece of each stream would cost more than the piece. Instead each request notes when something last
moved, and a ticker that runs only while there are requests looks at all of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import Final

LONGEST_TICK_S: Final = 1.0
SHORTEST_TICK_S: Final = 0.01
log: Final = logging.getLogger("ccproxy")


class Watch:
    """State of one request: when something last moved, and how long it may rest."""

    __slots__ = ("_task", "expired", "limit_s", "moved_at", "ping", "pinged_at")

    def __init__(self, task: asyncio.Task[object], now: float, limit_s: float) -> None:
        self._task = task
        self.moved_at = now
        self.pinged_at = now
        self.limit_s = limit_s
        self.expired = False
        self.ping: Callable[[], None] | None = None

    def look(self, now: float, ping_every_s: float) -> None:
        """Cancel the request when its upstream is silent for too long, ping its client when it is for long."""
        if now - self.moved_at >= self.limit_s:
            self.expired = True
            self._task.cancel()
        elif self.ping is not None and now - max(self.moved_at, self.pinged_at) >= ping_every_s:
            self.pinged_at = now
            self.ping()

    def recover(self) -> bool:
        """Tell whether the ticker, and nobody else, cancelled the request; if so, let it go on."""
        if not self.expired:
            return False
        self.expired = False
        self.limit_s = float("inf")
        return self._task.uncancel() == 0


class Watchman:
    """The ticker and the requests that it looks at."""

    def __init__(self, ping_every_s: float) -> None:
        self._ping_every_s = ping_every_s
        self._tick_s = min(LONGEST_TICK_S, max(SHORTEST_TICK_S, ping_every_s / 4))
        self._watches: set[Watch] = set()
        self._ticking = False

    def begin(self, limit_s: float) -> Watch:
        """Watch the current task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a watch needs a task")
        watch = Watch(task, monotonic(), limit_s)
        self._watches.add(watch)
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)
        return watch

    def end(self, watch: Watch) -> None:
        """Stop watching."""
        self._watches.discard(watch)

    def _tick(self) -> None:
        now = monotonic()
        for watch in tuple(self._watches):
            try:
                watch.look(now, self._ping_every_s)
            except Exception:
                log.exception("a ping failed")
                watch.ping = None
        self._ticking = bool(self._watches)
        if self._ticking:
            asyncio.get_running_loop().call_later(self._tick_s, self._tick)
