"""What a file of usage tells: sums by day, key, group, provider, model or status."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from ccproxy.state.limits import counted_in, periods_of
from ccproxy.state.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_WITHIN_S: Final = 5.0
GROUPINGS: Final = {
    "day": "date(at, 'unixepoch', 'localtime')",
    "key": "key",
    "group": "grp",
    "provider": "provider",
    "model": "CASE WHEN provider = '' THEN '' ELSE provider || '/' || model END",
    "status": "trim(status || CASE WHEN cut THEN ' cut ' ELSE ' ' END || error)",
}


class Line(NamedTuple):
    """Sums of some requests; `cost` is US dollars, None when no model of theirs has a price."""

    name: str
    requests: int
    failed: int
    input: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    cost: float | None
    first_byte_s: float | None
    seconds: float | None

    @property
    def tokens(self) -> int:
        """All tokens that were read or written."""
        return self.input + self.cache_read + self.cache_write + self.output


_SUMS: Final = (
    "count(*), sum(status >= 400 OR cut), sum(input), sum(cache_read), sum(cache_write), sum(output),"
    " sum(reasoning), sum(cost), avg(first_byte_s), avg(seconds)"
)


def read_usage(file: Path, by: str, since: float) -> list[Line]:
    """Return a line for each day, key, …, days in their order and all else by cost, tokens and requests."""
    grouping = GROUPINGS[by]
    order = "1" if by == "day" else "sum(cost) DESC, sum(input + cache_read + cache_write + output) DESC, 2 DESC, 1"
    query = f"SELECT {grouping}, {_SUMS} FROM usage WHERE at >= ? GROUP BY 1 ORDER BY {order}"
    with _reading(file) as connection:
        return [Line(*row) for row in connection.execute(query, (since,))]


def read_total(file: Path, since: float) -> Line:
    """Return the sums of all requests."""
    query = f"SELECT 'total', {_SUMS} FROM usage WHERE at >= ?"
    with _reading(file) as connection:
        name, *sums = connection.execute(query, (since,)).fetchone()
    return Line(name, *(0 if number is None and place < 7 else number for place, number in enumerate(sums)))


def read_spent(file: Path, now: float) -> Mapping[tuple[str, str], tuple[float, int]]:
    """Return US dollars and tokens by key and period (`day`, `month`, `total`), for the current periods."""
    query = "SELECT who, amount FROM counts WHERE what = ? AND at = ?"
    found: dict[tuple[str, str], tuple[float, int]] = {}
    with _reading(file) as connection:
        for per, at in periods_of(now).items():
            usd, tokens = (dict(connection.execute(query, (what, at)).fetchall()) for what in counted_in(per))
            for key in {*usd, *tokens}:
                found[key, per] = usd.get(key, 0.0), int(tokens.get(key, 0))
    return found


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    address = f"file:{quote(str(file.resolve()))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=READ_WITHIN_S)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{file} cannot be read: {error}") from error
