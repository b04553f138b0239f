"""What settings become for each model: thinking, from levels to budgets and back, and the length of answers."""

from __future__ import annotations

from typing import Any

import pytest

from ccproxy.conversion.engine import Engine
from conversions.cases import like
from quirks.backends import FIXTURES, SHORT, backend_of, found, load_yaml, send

TABLES = ("ways_to_think", "longest_answers")
CASES: list[dict[str, Any]] = [case for table in TABLES for case in load_yaml(FIXTURES / f"{table}.yaml")]


def _name(case: dict[str, Any]) -> str:
    return f"{case['from']} to {case['model']}: {', '.join(case['shows'])}"


every_case = pytest.mark.parametrize("case", CASES, ids=_name)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@every_case
def test_it(engine: Engine, case: dict[str, Any]) -> None:
    body = {**SHORT[case["from"]], **case.get("ask", {})}

    request = send(engine, case, body).upstream_request

    assert case.get("get", {}) == like(case.get("get", {}), request)
    assert [name for name in case.get("absent", ()) if found(request, name)] == []


@every_case
def test_the_quirks_it_shows_apply(engine: Engine, case: dict[str, Any]) -> None:
    names = engine.quirks.chain(backend_of(case)).names

    assert [name for name in case["shows"] if name not in names] == []
