"""Every protocol to every protocol: the judge is strict, the scenes pass, the README tells the truth."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from ccproxy import Engine
from documents.conftest import Compare
from documents.matrix import PROTOCOLS, Given, convert, is_good, recorded, scenes, table, try_all
from documents.pages import README, section

PAIRS = [(source, client) for source in PROTOCOLS for client in PROTOCOLS]
SCENES = ("words", "call", "calls", "thoughts")
CELL = re.compile(r"(\d+)/(\d+), (\d+)/(\d+)")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.fixture
def rng() -> random.Random:
    """Other words in every run."""
    return random.Random()


@pytest.mark.parametrize(("source", "client"), PAIRS)
def test_client_reads_what_upstream_said(engine: Engine, rng: random.Random, source: str, client: str) -> None:
    tried = list(scenes(engine, source, rng))

    bad = [given for given in tried if not is_good(given, client, convert(engine, given, client, rng))]

    assert [(name, streamed) for name in SCENES for streamed in (False, True)] == [
        (given.name, given.raw is not None) for given in tried
    ]
    assert [] == [(given.name, given.body or given.raw) for given in bad]


@pytest.mark.parametrize(("source", "client"), [pair for pair in PAIRS if pair[0] != pair[1]])
def test_judge_refuses_what_was_not_converted(engine: Engine, rng: random.Random, source: str, client: str) -> None:
    for given in scenes(engine, source, rng):
        assert not is_good(given, client, given.body if given.raw is None else given.raw)


@pytest.mark.parametrize("client", PROTOCOLS)
def test_judge_refuses_answers_to_something_else(engine: Engine, rng: random.Random, client: str) -> None:
    tried, others = list(scenes(engine, "claude", rng)), list(scenes(engine, "claude", rng))
    for given, other in zip(tried, others, strict=True):
        assert not is_good(given, client, convert(engine, other, client, rng))


@pytest.mark.parametrize("client", PROTOCOLS)
def test_judge_refuses_half_of_a_stream(engine: Engine, rng: random.Random, client: str) -> None:
    for given in scenes(engine, "gemini", rng):
        if given.raw is not None:
            output = convert(engine, given, client, rng)
            assert not is_good(given, client, output[: len(output) // 2])
            cut = replace(given, raw=given.raw[: len(given.raw) // 2])
            assert not is_good(given, client, convert(engine, cut, client, rng))


def test_matrix(request: pytest.FixtureRequest, engine: Engine, rng: random.Random, generated: Compare) -> None:
    """The table is what conversions give; its totals are compared only where the same recordings are at hand."""
    given: list[Given] = [one for source in PROTOCOLS for one in (*scenes(engine, source, rng), *recorded(source))]

    now = table(try_all(engine, given, rng))

    if request.config.getoption("--update") or totals(in_readme()) == totals(now):
        generated(README, "matrix", now)
    written = in_readme()
    assert len(PAIRS) == len(totals(written))
    assert all(whole >= len(SCENES) and streams >= len(SCENES) for whole, streams in totals(written))


def in_readme() -> str:
    return section(README.read_text(encoding="utf-8"), "matrix")


def totals(text: str) -> list[tuple[int, int]]:
    """How many whole answers and streams each cell counts."""
    return [(int(cell[2]), int(cell[4])) for cell in CELL.finditer(text)]
