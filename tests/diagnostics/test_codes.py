"""The registry explains every code it has."""

import re
from pathlib import Path

import pytest

import ccproxy
from ccproxy.diagnostics.codes import CODES, FAMILIES, explain


@pytest.mark.parametrize("info", CODES.values(), ids=lambda info: info.code)
def test_every_code_is_explained(info):
    text = explain(info.code)

    assert text.startswith(f"{info.code}: {info.title}\n")
    assert info.title[0].islower() or info.title.startswith(("YAML", "`"))
    assert all((info.explanation, info.bad, info.good))
    assert info.bad != info.good
    assert max(map(len, text.splitlines())) <= 120


def test_no_number_is_given_twice():
    codes = [info.code for family in FAMILIES for info in family]

    assert sorted(set(codes)) == sorted(codes)


def test_families_keep_to_their_letter():
    assert all(len({info.code[:2] for info in family}) == 1 for family in FAMILIES)


def test_every_code_that_the_engine_names_is_registered():
    engine = Path(ccproxy.__file__).parent
    named = {code for path in engine.rglob("*.py") for code in re.findall(r'"([YSXMECWB]\d{3})"', path.read_text())}

    assert named - set(CODES) == set()
