"""What outlives a restart: sessions of clients, and what each server offered last.

A session is found by a digest of its id, so that reading the file lets nobody take one over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject

IN_MEMORY: Final = ":memory:"
_TABLES: Final = """
create table if not exists mcp_sessions (id text primary key, key text, grp text, record blob, used real);
create table if not exists mcp_offers (server text primary key, settings text, offer blob);
create table if not exists mcp_tokens (server text primary key, tokens blob, client blob);
"""


@dataclass(frozen=True, slots=True)
class SavedSession:
    """A session as it was left: whose it is, and what was agreed with the client."""

    key: str
    group: str
    protocol_version: str
    client_params: JsonObject


class Store:
    """Owner of the file."""

    def __init__(self, path: str = IN_MEMORY) -> None:
        if path != IN_MEMORY:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
        self._connection.executescript("pragma journal_mode=wal; pragma synchronous=normal;" + _TABLES)
        if path != IN_MEMORY:
            Path(path).chmod(0o600)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def save_session(self, session_id: str, saved: SavedSession, now: float) -> None:
        """Keep a session."""
        record = orjson.dumps({"version": saved.protocol_version, "client": saved.client_params})
        row = (_digest(session_id), saved.key, saved.group, record, now)
        self._connection.execute("insert or replace into mcp_sessions values (?, ?, ?, ?, ?)", row)

    def find_session(self, session_id: str, since: float) -> SavedSession | None:
        """Return a session that was used since a time."""
        query = "select key, grp, record from mcp_sessions where id = ? and used >= ?"
        row = self._connection.execute(query, (_digest(session_id), since)).fetchone()
        if row is None:
            return None
        record = orjson.loads(row[2])
        return SavedSession(row[0], row[1], record["version"], record["client"])

    def touch_session(self, session_id: str, now: float) -> None:
        """Note that a session was used."""
        self._connection.execute("update mcp_sessions set used = ? where id = ?", (now, _digest(session_id)))

    def drop_session(self, session_id: str) -> None:
        """Forget a session."""
        self._connection.execute("delete from mcp_sessions where id = ?", (_digest(session_id),))

    def drop_unused_sessions(self, since: float, most: int) -> None:
        """Forget sessions that nobody used since a time, and the oldest of too many."""
        self._connection.execute("delete from mcp_sessions where used < ?", (since,))
        newest = "select id from mcp_sessions order by used desc limit ?"
        self._connection.execute(f"delete from mcp_sessions where id not in ({newest})", (most,))

    def save_offer(self, server: str, settings: str, offer: JsonObject) -> None:
        """Keep what a server offers, and the settings that it was started with."""
        row = (server, settings, orjson.dumps(offer))
        self._connection.execute("insert or replace into mcp_offers values (?, ?, ?)", row)

    def find_offer(self, server: str, settings: str) -> JsonObject | None:
        """Return what a server with these settings offered last."""
        query = "select offer from mcp_offers where server = ? and settings = ?"
        row = self._connection.execute(query, (server, settings)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def save_tokens(self, server: str, column: str, value: bytes) -> None:
        """Keep what an authorization server gave."""
        with self._transaction():
            self._connection.execute("insert or ignore into mcp_tokens values (?, null, null)", (server,))
            column = "tokens" if column == "tokens" else "client"
            self._connection.execute(f"update mcp_tokens set {column} = ? where server = ?", (value, server))

    def find_tokens(self, server: str, column: str) -> bytes | None:
        """Return what an authorization server gave."""
        column = "tokens" if column == "tokens" else "client"
        row = self._connection.execute(f"select {column} from mcp_tokens where server = ?", (server,)).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
            self._connection.execute("commit")
        except BaseException:
            self._connection.execute("rollback")
            raise


def _digest(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()
