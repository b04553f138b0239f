"""What each access key may still do: requests and tokens per minute, and its budget.

Requests count when they are let in, tokens and money when an answer has ended, so answers that run at the same time can
go over a limit of tokens together. Workers learn of each other's counts twice a second: within half a second, each may
let in what the others have let in as well.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.config.model import AccessKey, Budget
    from ccproxy.state.tally import Tally

WINDOW_S: Final = 60
REQUESTS: Final = "requests"
TOKENS: Final = "tokens"
FORGET_EVERY_S: Final = 60.0


class Limits:
    """Counts what keys do, and refuses what they may not do any more."""

    def __init__(self, tally: Tally, clock: Callable[[], float] = time.time) -> None:
        self._tally = tally
        self._clock = clock
        self._forget_at = 0.0

    def admit(self, key: AccessKey) -> None:
        """Count a request of a key; raise ProxyError when the key has to wait or has spent its budget."""
        now = self._clock()
        if now >= self._forget_at:
            self._forget(now)
        if key.budget is not None:
            self._check_budget(key.name, key.budget, now)
        if key.tokens_per_minute is not None:
            self._check_window(TOKENS, key.name, key.tokens_per_minute, now)
        if key.requests_per_minute is not None:
            self._check_window(REQUESTS, key.name, key.requests_per_minute, now)
            self._tally.add(REQUESTS, key.name, int(now), 1)

    def spend(self, key: str, tokens: int, usd: float) -> None:
        """Count what an answer for a key took."""
        now = self._clock()
        if tokens:
            self._tally.add(TOKENS, key, int(now), tokens)
        for per, at in periods_of(now).items():
            for what, amount in zip(counted_in(per), (usd, tokens), strict=True):
                if amount:
                    self._tally.add(what, key, at, amount)

    def spent(self, key: str, per: str) -> tuple[float, int]:
        """Return US dollars and tokens that a key has spent in the current period."""
        at = periods_of(self._clock())[per]
        usd, tokens = (self._tally.value(what, key, at) for what in counted_in(per))
        return usd, int(tokens)

    def _check_budget(self, key: str, budget: Budget, now: float) -> None:
        usd, tokens = self.spent(key, budget.per)
        over_usd = budget.usd is not None and usd >= budget.usd
        if over_usd or (budget.tokens is not None and tokens >= budget.tokens):
            limit = f"${budget.usd:g}" if over_usd else f"{budget.tokens:,} tokens"
            # 402 and not 429, which clients answer by asking again at once and many times.
            raise ProxyError(
                "billing", 402, f"This access key has spent its budget of {limit}{_when(budget.per, now)}."
            )

    def _check_window(self, what: str, key: str, limit: int, now: float) -> None:
        slots = self._tally.since(what, key, int(now) - WINDOW_S)
        excess = sum(slots.values()) - limit
        if excess < 0:
            return
        free_at = now
        for at in sorted(slots):
            excess -= slots[at]
            free_at = at + WINDOW_S + 1
            if excess < 0:
                break
        wait_s = max(1, math.ceil(free_at - now))
        message = f"This access key may use {limit:,} {what} per minute. Try again in {wait_s} s."
        raise ProxyError("rate_limit", 429, message, retry_after=wait_s)

    def _forget(self, now: float) -> None:
        self._forget_at = now + FORGET_EVERY_S
        for what in (REQUESTS, TOKENS):
            self._tally.forget(what, int(now) - WINDOW_S)


def wanted_counts(now: float) -> Mapping[str, int]:
    """Return the names of the counts that limits need, each with the first time that matters."""
    windows = dict.fromkeys((REQUESTS, TOKENS), int(now) - WINDOW_S)
    budgets = {what: at for per, at in periods_of(now).items() for what in counted_in(per)}
    return {**windows, **budgets}


def periods_of(now: float) -> dict[str, int]:
    """Return the number of the current day and month, in UTC, and of eternity."""
    day = datetime.fromtimestamp(now, UTC)
    return {"day": day.toordinal(), "month": day.year * 12 + day.month, "total": 0}


def counted_in(per: str) -> tuple[str, str]:
    """Return the names of the counts of US dollars and of tokens in a period."""
    return f"{per}_usd", f"{per}_tokens"


def _when(per: str, now: float) -> str:
    if per == "total":
        return ""
    return f" for this {per} ({datetime.fromtimestamp(now, UTC):{'%Y-%m-%d' if per == 'day' else '%Y-%m'}}, UTC)"
