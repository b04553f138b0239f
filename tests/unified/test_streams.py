"""Fragments in, events out: cases in tests/fixtures/unified/streams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ccproxy.unified.accumulate import accumulate_events
from ccproxy.unified.whole_answers import normalise_response, response_to_events
from unified.casefiles import load_case, render_items
from unified.schemas import violations
from unified.streamcases import JsonDict, events_of, options_of, play, sequencer_of
from unified.wellformed import problems_of

FOLDER = Path(__file__).parents[1] / "fixtures" / "unified" / "streams"
CASES = sorted(FOLDER.glob("*.yaml"))

each_case = pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)


@each_case
def test_fragments_make_these_events(path: Path, golden: Callable[[Path, str], None]) -> None:
    text = path.read_text()
    told = [{name: value for name, value in event.items() if name != "message"} for event in events_of(load_case(path))]

    golden(path, text[: text.index("events:")] + render_items("events", told))


@each_case
def test_events_are_well_formed(path: Path) -> None:
    assert problems_of(events_of(load_case(path))) == []


@each_case
def test_events_fit_their_schema(path: Path) -> None:
    assert [found for event in events_of(load_case(path)) for found in violations("event", event)] == []


@each_case
def test_events_add_up_to_the_answer(path: Path) -> None:
    events: list[JsonDict] = []
    case = load_case(path)
    sequencer = sequencer_of(case, events)
    play(sequencer, case["fragments"])
    sequencer.close()

    if sequencer.error_sent is None:
        assert sequencer.response == accumulate_events(events)
    else:
        assert sequencer.response["content"] == accumulate_events(events)["content"]


@each_case
def test_a_whole_answer_makes_the_same_answer(path: Path) -> None:
    events = events_of(load_case(path))
    if events[-1]["type"] == "error":
        return
    answer = accumulate_events(events)
    options = options_of({})

    assert answer == normalise_response(answer, options)
    assert answer == accumulate_events(response_to_events(answer, options))


@each_case
def test_fragments_fit_their_schema(path: Path) -> None:
    fragments = [fragment for fragment in load_case(path)["fragments"] if "ping" not in fragment]

    assert [found for fragment in fragments for found in violations("fragment", fragment)] == []
