"""Answers say only what the client's protocol can hold."""

from __future__ import annotations

from typing import Any

import pytest

from ccproxy.unified.answer_rules import AnswerRules
from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.fitted_answers import FittedSequencer

SIGNED = {"id": "a", "name": "f", "arguments": {}, "signature": "s", "origin": "p"}


def content(rules: AnswerRules, *fragments: dict[str, Any]) -> list[Any]:
    options = SequencerOptions(id="i", model="m", created=0, new_id=lambda prefix: prefix + "1", answers=rules)
    sequencer = FittedSequencer(lambda _event: None, options)
    for fragment in fragments:
        sequencer.put(fragment)
    sequencer.stop({"reason": "end"})
    sequencer.close()
    blocks = sequencer.response["content"]
    assert isinstance(blocks, list)
    return blocks


@pytest.mark.parametrize("fragment", [{"tool_call": SIGNED}, {"block": {"type": "tool_call", **SIGNED}}])
def test_a_call_is_signed_in_the_thoughts_before_it(fragment: dict[str, Any]) -> None:
    blocks = content(AnswerRules(signatures="thoughts"), fragment)

    assert [
        {"type": "reasoning", "text": "", "signature": "s", "origin": "p"},
        {"type": "tool_call", "id": "a", "name": "f", "arguments": {}},
    ] == blocks


def test_thoughts_that_stand_open_before_a_call_take_its_signature() -> None:
    blocks = content(AnswerRules(signatures="thoughts"), {"reasoning": "hm"}, {"tool_call": SIGNED})

    assert {"type": "reasoning", "text": "hm", "signature": "s", "origin": "p"} == blocks[0]


def test_signatures_stay_where_clients_can_keep_them() -> None:
    blocks = content(AnswerRules(), {"tool_call": SIGNED}, {"text": {"text": "", "signature": "t", "origin": "p"}})

    assert ["s", "t"] == [block["signature"] for block in blocks]


@pytest.mark.parametrize("signatures", ["thoughts", "none"])
def test_a_text_that_was_only_signed_is_left_out(signatures: Any) -> None:
    signed = {"text": "", "signature": "t", "origin": "p"}

    assert [] == content(AnswerRules(signatures=signatures), {"text": signed}, {"block": {"type": "text", **signed}})


def test_native_blocks_of_others_are_shown_as_text_or_not_at_all() -> None:
    blocks = content(
        AnswerRules(natives=frozenset({"own"})),
        {"native": {"protocol": "own", "value": 1}},
        {"native": {"key": 1, "protocol": "other", "value": {"input": {}}}},
        {"tool_call": {"key": 1, "arguments": "{}"}},
        {"native": {"protocol": "other", "value": 2, "text": "seen"}},
    )

    assert [{"type": "native", "protocol": "own", "value": 1}, {"type": "text", "text": "seen"}] == blocks
