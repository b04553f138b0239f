"""Newline-delimited JSON survives any cut and any line end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.wire.limits import EventTooLargeError
from ccproxy.wire.ndjson import NdjsonReader


def read(*chunks: bytes) -> list[bytes]:
    reader = NdjsonReader()
    payloads = [payload for chunk in chunks for payload in reader.feed(chunk)]
    return payloads + reader.close()


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}\r\n{"b":2}\r\n', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}\n\n \n{"b":2}', [b'{"a":1}', b'{"b":2}']),
        (b'\xef\xbb\xbf{"a":1}\n', [b'{"a":1}']),
        (b"", []),
    ],
)
def test_reads_lines_whole_and_byte_by_byte(stream: bytes, expected: list[bytes]) -> None:
    assert expected == read(stream)
    assert expected == read(*(stream[i : i + 1] for i in range(len(stream))))


@given(st.lists(st.integers(), max_size=8), st.sampled_from([b"\n", b"\r\n"]), st.integers(0, 100))
def test_any_cut_gives_the_same_documents(numbers: list[int], eol: bytes, place: int) -> None:
    lines = [b'{"n":%d}' % number for number in numbers]
    stream = b"".join(line + eol for line in lines)

    assert lines == read(stream[:place], stream[place:])


def test_refuses_a_line_without_end() -> None:
    reader = NdjsonReader(limit=100)

    with pytest.raises(EventTooLargeError):
        reader.feed(b"x" * 101)
