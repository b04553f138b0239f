"""The state of one process, and the thread that exchanges it with a store."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from ccproxy.config.prices import cost_of
from ccproxy.routing.shared import OwnState, SharedState
from ccproxy.state.limits import Limits, wanted_counts
from ccproxy.state.rows import UsageRow, row_of
from ccproxy.state.sharing import StoredShare
from ccproxy.state.store import News, Store, StoreError
from ccproxy.state.tally import Tally
from ccproxy.state.totals import PREFIX, Totals

if TYPE_CHECKING:
    from ccproxy.config.prices import PriceBook
    from ccproxy.routing.facts import Observer, RequestFacts
    from ccproxy.state.store import Counts, Picture

EXCHANGE_EVERY_S: Final = 0.5
MOST_ROWS_AT_ONCE: Final = 200
MOST_ROWS_WAITING: Final = 20_000
CLOSE_WITHIN_S: Final = 5.0
log: Final = logging.getLogger("ccproxy")


class State:
    """State of one process. Without a store it knows itself only, and keeps counts but no rows."""

    def __init__(self, store: Store | None = None, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._clock = clock
        self._tally = Tally()
        self._totals = Totals(self._tally)
        self._rows: deque[UsageRow] = deque()
        self._exchanging = Lock()
        self._wake, self._closing = Event(), Event()
        self._lost = 0
        self._complained = False
        self._share = StoredShare(store, self._wake.set, clock) if store else None
        self.shared: SharedState = self._share or OwnState()
        self.limits = Limits(self._tally, clock)
        self._thread = Thread(target=self._run, name="ccproxy-state", daemon=True)
        if store is not None:
            self._thread.start()

    def observer(self, prices: PriceBook) -> Observer:
        """Return what notes requests as they end, by these prices."""

        def observe(facts: RequestFacts) -> None:
            price = prices.price(facts.provider, facts.model) if facts.provider and facts.usage else None
            self.note(row_of(facts, cost_of(facts.usage, price) if price else None))

        return observe

    def note(self, row: UsageRow) -> None:
        """Count a request, and queue its row; waits for nothing."""
        self._totals.count(row)
        if row.key:
            self.limits.spend(row.key, row.tokens, row.cost or 0.0)
        if self._store is None:
            return
        if len(self._rows) >= MOST_ROWS_WAITING:
            self._lost += 1
            self._totals.lose(1)
            return
        self._rows.append(row)
        if len(self._rows) == MOST_ROWS_AT_ONCE:
            self._wake.set()

    def totals(self) -> Counts:
        """Return the totals of all processes; may wait for the store, raises StoreError when it fails."""
        with self._exchanging:
            counts = dict(self._store.totals()) if self._store else {}
            for count, amount in self._tally.beginning_with(PREFIX).items():
                counts[count] = counts.get(count, 0.0) + amount
            return counts

    def exchange(self) -> bool:
        """Exchange news with the store until none are left; False when it failed, and all news wait."""
        if self._store is None:
            return True
        with self._exchanging:
            while True:
                more = len(self._rows) > MOST_ROWS_AT_ONCE
                if not self._exchange_once(self._store):
                    return False
                if not more:
                    return True

    def close(self) -> None:
        """Store what is left and let go of the store."""
        if self._store is None or self._closing.is_set():
            return
        self._closing.set()
        self._wake.set()
        self._thread.join(CLOSE_WITHIN_S)
        if not self._thread.is_alive():
            self._store.close()

    def _run(self) -> None:
        self.exchange()
        while not self._closing.is_set():
            self._wake.wait(EXCHANGE_EVERY_S)
            self._wake.clear()
            self.exchange()
        self.exchange()

    def _exchange_once(self, store: Store) -> bool:
        rows = [self._rows[number] for number in range(min(len(self._rows), MOST_ROWS_AT_ONCE))]
        now = self._clock()
        news = News(rows, self._tally.take(), self._share.take() if self._share else {})
        try:
            picture = store.exchange(news, wanted_counts(now), now)
        except StoreError as error:
            self._fail(error)
            return False
        except Exception:  # a row that no database takes must not stop all that come after it
            log.exception("%d rows of usage cannot be stored", len(rows))
            self._totals.lose(len(rows))
            picture = None
        self._settle(rows, picture)
        return True

    def _settle(self, rows: list[UsageRow], picture: Picture | None) -> None:
        for _ in rows:
            self._rows.popleft()
        self._tally.settle(picture.counts if picture else None)
        if self._share:
            self._share.settle(picture.rests if picture else None)
        if self._complained:
            self._complained = False
            log.warning("the state is kept again; %d rows of usage were lost", self._lost)
            self._lost = 0

    def _fail(self, error: StoreError) -> None:
        self._tally.give_back()
        if self._share:
            self._share.give_back()
        if not self._complained:
            self._complained = True
            log.error("the state cannot be kept for now, requests go on without: %s", error)
