"""Requests that have ended, a clock that tests move, and a state in a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccproxy.config.model import Price
from ccproxy.config.model_facts import ModelBook
from ccproxy.config.prices import PriceBook
from ccproxy.routing.facts import Attempt, RequestFacts
from ccproxy.state.database import Database
from ccproxy.state.state import State

NOON = 1_800_000_000.0  # 2027-01-15 08:00 UTC
PRICES = PriceBook({"far/*": Price(1.0, 2.0)}, {}, ModelBook({}))

Open = Callable[..., State]


class Clock:
    """A clock that stands still."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[Open]:
    opened: list[State] = []

    def open_one(clock: Callable[[], float] | None = None) -> State:
        store = Database(tmp_path / "state.db")
        opened.append(State(store, clock) if clock else State(store))
        return opened[-1]

    yield open_one
    for state in opened:
        state.close()


def request(**known: object) -> RequestFacts:
    facts = RequestFacts("req_1", "POST", "/v1/x", NOON, client="chat", operation="chat", key="zed", group="default")
    facts.provider, facts.model, facts.way, facts.status, facts.seconds = "far", "big", "direct", 200, 1.5
    facts.usage = {"input": 1_000_000, "output": 500_000}
    facts.attempts = [Attempt("far", "big", 0, 200, "ok", 1.5)]
    for name, value in known.items():
        setattr(facts, name, value)
    return facts


def rows_of(file: Path, columns: str = "*") -> list[tuple[object, ...]]:
    with sqlite3.connect(file) as connection:
        return connection.execute(f"SELECT {columns} FROM usage ORDER BY id").fetchall()
