"""Bugs that converters before this one had (protocol-behaviour.md, section 19) are absent: one case each, or a place.

Those of conversion have cases in tests/fixtures/known_bugs.yaml; ELSEWHERE says where the others are tested.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ccproxy import Engine
from conversions.cases import Case, case_of
from conversions.checking import check

TESTS = Path(__file__).parents[1]
ELSEWHERE = {
    "upstream/test_connections.py": (1,),
    "operations/test_models.py": (3,),
    "routing/test_paths.py": (4,),
    "mcp": (5, 113),
    "server/test_refusals.py": (2, 6, 9, 10),
    "state": (7, 8, 110, 111, 112),
    "routing/test_router.py": (12, 13, 15, 16, 17, 18),
    "upstream/test_endpoint.py": (11, 19, 68, 107, 108, 109),
    "policy": (20, 21, 22, 23, 24, 25, 26, 27),
    "compat": (28, 99, 100, 101, 102, 103, 104, 105, 106),
    "server/test_answers.py": (29, 31, 82),
    "server/test_waiting.py": (83,),
    "operations/test_embeddings.py": (72, 73, 74),
}
ALL = set(range(1, 115))


def numbers(said: object) -> tuple[int, ...]:
    return tuple(said) if isinstance(said, list) else (said,)  # type: ignore[return-value]


LOADED = YAML(typ="safe").load(TESTS / "fixtures" / "known_bugs.yaml")
CASES = [case_of(f"{entry['bug']} {entry['from']} to {entry['to']}", entry) for entry in LOADED]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bug_is_absent(engine: Engine, case: Case) -> None:
    check(engine, case)


def test_every_number_has_its_place() -> None:
    shown = {number for entry in LOADED for number in numbers(entry["bug"])}
    told = {number for others in ELSEWHERE.values() for number in others}

    assert set() == shown & told
    assert ALL == shown | told
    assert [] == [place for place in ELSEWHERE if not (TESTS / place).exists()]
