"""Every folder of tests/fixtures/conversions is converted and compared with what it expects."""

from __future__ import annotations

from typing import Any

import pytest

from ccproxy import Engine
from conversions.cases import Case, all_cases, read_events
from conversions.checking import check, stream

CASES = all_cases()
MADE_UP = ("id", "item_id", "created", "created_at", "completed_at")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it(engine: Engine, case: Case) -> None:
    check(engine, case)


@pytest.mark.parametrize("case", [case for case in CASES if case.kind == "stream"], ids=lambda case: case.name)
def test_it_whatever_the_cut(engine: Engine, case: Case) -> None:
    whole = stream(engine, case, size=1 << 20)
    single = stream(engine, case, size=1)

    assert _without_clock(whole) == _without_clock(single)


def _without_clock(data: bytes) -> list[Any]:
    return [_without(event) for event in read_events(data)]


def _without(value: Any) -> Any:
    """The value without what is new with every run: ids that were made up, and the time."""
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in MADE_UP}
    return [_without(item) for item in value] if isinstance(value, list) else value
