"""An answer of one plain text takes a shorter way than through the sequencer, to the same end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.fitted_answers import FittedSequencer
from ccproxy.unified.whole_answers import normalise_response

REASONS = ("end", "length", "stop_sequence", "tool_call", "refusal", "filter", "pause", "context", "error")
counts = st.integers(0, 1000)
stops = st.fixed_dictionaries({"reason": st.sampled_from(REASONS)}, optional={"sequence": st.text(min_size=1)})
responses = st.fixed_dictionaries(
    {"content": st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": st.text()}), min_size=1, max_size=2)},
    optional={
        "id": st.text(),
        "model": st.text(),
        "created": counts,
        "usage": st.dictionaries(st.sampled_from(["input", "output", "cache_read"]), counts),
        "stop": stops,
        "logprobs": st.fixed_dictionaries({"content": st.lists(st.fixed_dictionaries({"token": st.text()}))}),
        "extra": st.fixed_dictionaries({"claude": st.fixed_dictionaries({"a": counts})}),
    },
)
options = st.builds(
    SequencerOptions,
    id=st.sampled_from(["", "own"]),
    model=st.just("m"),
    created=st.just(7),
    new_id=st.just(lambda prefix: prefix + "new"),
    response_model=st.sampled_from([None, "asked"]),
    think_tags=st.sampled_from([None, ("<think>", "</think>")]),
)


class Longer(FittedSequencer):
    """The same sequencer under another name, for which there is no shorter way."""


@given(responses, options)
def test_both_ways_say_the_same(response, settings) -> None:  # type: ignore[no-untyped-def]
    assert normalise_response(response, settings, Longer) == normalise_response(response, settings)
