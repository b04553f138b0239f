"""A file of SQLite as store of the workers of one host.

In WAL mode readers and the one writer do not wait for each other, and a process that is killed loses what it had not
exchanged yet, half a second at most, and harms nothing else.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ccproxy.state.rows import UsageRow
from ccproxy.state.store import Counts, News, Picture, StoreError
from ccproxy.state.totals import PREFIX

VERSION: Final = 1
OPEN_WITHIN_S: Final = 5.0
EXCHANGE_WITHIN_S: Final = 1.0
LEASE_WITHIN_S: Final = 0.02
TIDY_EVERY_S: Final = 60.0
OPEN_AGAIN_S: Final = 0.02

_BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_TYPES: Final = {float: "REAL NOT NULL", float | None: "REAL", int: "INTEGER NOT NULL", str: "TEXT NOT NULL"}
_COLUMNS: Final = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in UsageRow.__annotations__.items())
_SCHEMA: Final = (
    f"CREATE TABLE IF NOT EXISTS usage (id INTEGER PRIMARY KEY, {_COLUMNS})",
    "CREATE INDEX IF NOT EXISTS usage_at ON usage (at)",
    "CREATE TABLE IF NOT EXISTS counts (what TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,"
    " amount REAL NOT NULL, PRIMARY KEY (what, at, who)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS rests (name TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS turns (counter TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID",
    f"PRAGMA user_version = {VERSION}",
)
_ADD_ROW: Final = (
    f"INSERT INTO usage ({', '.join(UsageRow._fields)}) VALUES ({', '.join('?' for _ in UsageRow._fields)})"
)
_ADD_COUNT: Final = (
    "INSERT INTO counts (what, who, at, amount) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET amount = amount + excluded.amount"
)
_ADD_REST: Final = "INSERT INTO rests VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until"
_ADD_TURNS: Final = "INSERT INTO turns VALUES (?, ?) ON CONFLICT DO UPDATE SET next = next + excluded.next"


class Database:
    """State: two connections. The one for leases is used by requests and waits for hardly anything."""

    def __init__(self, file: Path) -> None:
        with _told(f"{file} cannot be used"):
            _create_private(file)
            self._connection = _connect(file, OPEN_WITHIN_S)
            try:
                _prepare_patiently(self._connection, file)
                self._connection.execute(f"PRAGMA busy_timeout = {int(EXCHANGE_WITHIN_S * 1000)}")
                self._leases = _connect(file, LEASE_WITHIN_S)
                # Copying the log back into the file takes long, so that is left to the thread.
                self._leases.execute("PRAGMA wal_autocheckpoint = 0")
            except BaseException:
                self._connection.close()
                raise
        self._seen: int | None = None
        self._tidy_at = 0.0

    def lease(self, counter: str, count: int) -> int:
        """Return the first of so many turn numbers."""
        with _told("no turns"), _transaction(self._leases) as connection:
            connection.execute(_ADD_TURNS, (counter, count))
            following = connection.execute("SELECT next FROM turns WHERE counter = ?", (counter,)).fetchone()[0]
        return int(following) - count

    def exchange(self, news: News, wanted: Mapping[str, int], now: float) -> Picture | None:
        """Store news; return the picture after it unless nothing has changed."""
        with _told("the exchange failed"):
            if news:
                with _transaction(self._connection) as connection:
                    _store(connection, news)
                    if now >= self._tidy_at:
                        _tidy(connection, wanted, now)
                        self._tidy_at = now + TIDY_EVERY_S
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if not news and version == self._seen:
                return None
            picture = _picture(self._connection, wanted, now)
            self._seen = version
            return picture

    def totals(self) -> Counts:
        """Return the counts that are never forgotten."""
        query = "SELECT what, who, at, amount FROM counts WHERE what >= ? AND what < ?"
        with _told("the totals cannot be read"):
            rows = self._connection.execute(query, (PREFIX, PREFIX + "\U0010ffff"))
            return {(what, who, at): amount for what, who, at, amount in rows}

    def close(self) -> None:
        """Close both connections; the last process to do so clears the log away."""
        with suppress(sqlite3.Error):
            self._leases.close()
        with suppress(sqlite3.Error):
            self._connection.close()


def _create_private(file: Path) -> None:
    """Make the file readable for its owner alone: it tells who asked what, when."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _connect(file: Path, timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=timeout_s, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _prepare_patiently(connection: sqlite3.Connection, file: Path) -> None:
    """Prepare the file; of several processes that do at once, SQLite lets one switch to WAL and fails the others."""
    deadline = time.monotonic() + OPEN_WITHIN_S
    while True:
        try:
            return _prepare(connection, file)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _BUSY or time.monotonic() > deadline:
                raise
            time.sleep(OPEN_AGAIN_S)


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StoreError(f"{file} was written by a newer ccproxy, as version {version}")
    connection.execute("PRAGMA journal_mode = WAL")
    with _transaction(connection):
        for statement in _SCHEMA:
            connection.execute(statement)


def _store(connection: sqlite3.Connection, news: News) -> None:
    connection.executemany(_ADD_ROW, news.rows)
    connection.executemany(_ADD_COUNT, [(*count, amount) for count, amount in news.counts.items()])
    connection.executemany(_ADD_REST, news.rests.items())


def _tidy(connection: sqlite3.Connection, wanted: Mapping[str, int], now: float) -> None:
    connection.executemany("DELETE FROM counts WHERE what = ? AND at < ?", wanted.items())
    connection.execute("DELETE FROM rests WHERE until < ?", (now,))


def _picture(connection: sqlite3.Connection, wanted: Mapping[str, int], now: float) -> Picture:
    query = "SELECT who, at, amount FROM counts WHERE what = ? AND at >= ?"
    counts = {
        (what, who, at): amount
        for what, first in wanted.items()
        for who, at, amount in connection.execute(query, (what, first))
    }
    rests = connection.execute("SELECT name, until FROM rests WHERE until > ?", (now,))
    return Picture(counts, dict(rests.fetchall()))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn errors of the file into StoreError; values that SQLite cannot take are mistakes of ours and stay."""
    try:
        yield
    except (sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError, sqlite3.IntegrityError):
        raise
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{what}: {error}") from error
