"""Requests in, normal form out: cases in tests/fixtures/unified/requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ccproxy.unified.normal_form import normalise_request
from unified.casefiles import load_case
from unified.normalform import problems_of
from unified.requestcases import normalised, render_outcome, rules_of
from unified.schemas import violations

FOLDER = Path(__file__).parents[1] / "fixtures" / "unified" / "requests"
CASES = sorted(FOLDER.glob("*.yaml"))

each_case = pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)


@each_case
def test_request_becomes(path: Path, golden: Callable[[Path, str], None]) -> None:
    text = path.read_text()

    golden(path, text[: text.index("expect:")] + render_outcome(normalised(load_case(path))))


@each_case
def test_normal_form_keeps_its_promises(path: Path) -> None:
    case = load_case(path)

    assert problems_of(normalised(case).request, rules_of(case)) == []


@each_case
def test_normal_form_fits_the_schema(path: Path) -> None:
    assert violations("request", normalised(load_case(path)).request) == []


@each_case
def test_normal_form_is_stable(path: Path) -> None:
    case = load_case(path)
    once = render_outcome(normalised(case)).split("dropped:")[0]
    again = render_outcome(normalise_request(case["request"], rules_of(case))).split("dropped:")[0]

    assert once.split("ids:")[0].split("tools:")[0] == again.split("ids:")[0].split("tools:")[0]
