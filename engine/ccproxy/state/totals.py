"""Totals over all requests, for monitoring: they only ever grow, also over restarts when a file keeps them."""

from __future__ import annotations

import json
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ccproxy.state.rows import TOKEN_KINDS

if TYPE_CHECKING:
    from ccproxy.state.rows import UsageRow
    from ccproxy.state.tally import Tally

PREFIX: Final = "total:"
REQUESTS: Final = "total:requests"
CUT: Final = "total:streams_cut"
ATTEMPTS: Final = "total:attempts"
DROPPED: Final = "total:dropped_fields"
TOKENS: Final = "total:tokens"
COST: Final = "total:cost_usd"
SECONDS: Final = "total:request_seconds"
FIRST_BYTE: Final = "total:first_byte_seconds"
LOST: Final = "total:usage_rows_lost"
# Sums of a histogram stand beside its buckets, whose numbers are counted from 0.
SUM: Final = -1

BUCKETS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

LABELS: Final = {
    REQUESTS: ("client", "key", "group", "provider", "model", "way", "status"),
    CUT: ("provider", "model"),
    ATTEMPTS: ("provider", "model"),
    DROPPED: ("client", "provider", "model"),
    TOKENS: ("key", "provider", "model", "kind"),
    COST: ("key", "provider", "model"),
    SECONDS: ("provider", "model"),
    FIRST_BYTE: ("provider", "model"),
    LOST: (),
}

MOST_MODELS: Final = 500
REMEMBERED: Final = 8192
OTHER: Final = "other"


class Totals:
    """Adds requests to the totals. Clients may choose names of models, so only so many get a total of their own."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._models: set[tuple[str, str]] = set()

    def count(self, row: UsageRow) -> None:
        """Add one request."""
        provider, model = row.provider, self._model(row)
        upstream = (provider, model)
        self._add(REQUESTS, (row.client, row.key, row.grp, provider, model, row.way, str(row.status)), 1)
        self._add(CUT, upstream, row.cut)
        self._add(ATTEMPTS, upstream, row.attempts)
        self._add(DROPPED, (row.client, *upstream), row.dropped)
        self._add(COST, (row.key, *upstream), row.cost or 0.0)
        for kind in TOKEN_KINDS:
            self._add(TOKENS, (row.key, *upstream, kind), getattr(row, kind))
        if provider:
            self._time(SECONDS, upstream, row.seconds)
            if row.first_byte_s is not None:
                self._time(FIRST_BYTE, upstream, row.first_byte_s)

    def lose(self, rows: int) -> None:
        """Add rows that could not be stored."""
        self._add(LOST, (), rows)

    def _time(self, what: str, labels: tuple[str, ...], seconds: float) -> None:
        who = key_of(labels)
        self._tally.add(what, who, bisect_left(BUCKETS_S, seconds), 1)
        self._tally.add(what, who, SUM, seconds)

    def _add(self, what: str, labels: tuple[str, ...], amount: float) -> None:
        if amount:
            self._tally.add(what, key_of(labels), 0, amount)

    def _model(self, row: UsageRow) -> str:
        named = (row.provider, row.model)
        if named in self._models or len(self._models) < MOST_MODELS:
            self._models.add(named)
            return row.model
        return OTHER


@lru_cache(maxsize=REMEMBERED)
def key_of(labels: tuple[str, ...]) -> str:
    """Return labels as one text."""
    return json.dumps(labels, ensure_ascii=False)


def labels_of(who: str) -> list[str]:
    """Return the labels of a text."""
    return [str(label) for label in json.loads(who)]
