"""Every quirk says why and where from, for which backends, and shows that it works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccproxy.conversion.examples import check_examples
from ccproxy.datadirs import find_builtin_dir
from ccproxy.mapping.check.conflicts import check_conflicts
from ccproxy.mapping.loader import load_tree
from ccproxy.mapping.model import Quirk
from quirks.backends import FIXTURES, load_yaml

TREE, _ = load_tree([find_builtin_dir("mappings")])
QUIRKS = sorted(TREE.quirks.values(), key=lambda quirk: quirk.name)
SHARED = Path(__file__).parents[3] / "shared" / "recordings"
RECORDING = re.compile(r"[\w-]+/[\w-]+/[\w.-]+\.json")

every_quirk = pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)


def shown() -> set[str]:
    """Names of the quirks that a case shows."""
    cases = [load_yaml(path) for path in FIXTURES.glob("*/case.yaml")]
    cases += [case for path in FIXTURES.glob("*.yaml") for case in load_yaml(path)]
    return {name for case in cases for name in case["shows"]}


SHOWN = shown()


@every_quirk
def test_its_examples_hold(quirk: Quirk) -> None:
    assert list(check_examples(TREE, quirk)) == []


@every_quirk
def test_it_says_why_and_where_from(quirk: Quirk) -> None:
    assert len(quirk.why) > 20
    assert quirk.why.endswith(".")
    assert re.search(r"https://|recordings: ", quirk.source)


@every_quirk
def test_it_is_for_some_backends(quirk: Quirk) -> None:
    assert "protocol" in quirk.applies_to
    assert set(quirk.applies_to["protocol"]) <= set(TREE.folders)


@every_quirk
def test_it_changes_something(quirk: Quirk) -> None:
    assert quirk.edits or quirk.capabilities


@every_quirk
def test_it_is_shown_by_an_example_or_a_case(quirk: Quirk) -> None:
    """What only sets capabilities is seen in a whole conversion."""
    kinds = {example.kind for example in quirk.examples}

    assert kinds or quirk.name in SHOWN
    assert kinds <= set(quirk.edits)


def test_cases_show_quirks_that_exist() -> None:
    assert set() == SHOWN - set(TREE.quirks)


def test_no_two_write_the_same_place_in_no_order() -> None:
    assert [problem.message for problem in check_conflicts(TREE.quirks)] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="no recordings beside the project")
@every_quirk
def test_the_recordings_it_names_look_like_recordings(quirk: Quirk) -> None:
    """Some are kept elsewhere, so only the folder can be looked for."""
    for name in RECORDING.findall(quirk.source.partition("recordings: ")[2]):
        assert (SHARED / name).parent.is_dir(), name
