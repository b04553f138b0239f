"""Half characters in JSON texts."""

from __future__ import annotations

import pytest

from ccproxy.wire.text import read_json, whole_characters


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (rb'"cut \ud83d"', rb'"cut \ufffd"'),
        (rb'"\uDE00 begins"', rb'"\ufffd begins"'),
        (rb'"\ud83d\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
        (rb'"a \ud83d\ude00 b"', rb'"a \ud83d\ude00 b"'),
        (rb'"not an escape: \\ud83d"', rb'"not an escape: \\ud83d"'),
    ],
)
def test_replaces_half_characters_only(text: bytes, whole: bytes) -> None:
    assert whole == whole_characters(text)


def test_half_a_character_is_no_reason_to_refuse_a_document() -> None:
    assert {"a": "x\ufffd", "b": "\U0001f600"} == read_json(b'{"a":"x\\ud83d","b":"\\ud83d\\ude00"}')


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="string key"):
        read_json(b"{a}")
