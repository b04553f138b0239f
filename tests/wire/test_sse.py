"""Server-sent events survive every way that bytes can be cut and lines can end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.wire.limits import EventTooLargeError
from ccproxy.wire.sse import SseReader


def read(*chunks: bytes, limit: int = 1 << 20) -> list[bytes]:
    reader = SseReader(limit)
    payloads = [payload for chunk in chunks for payload in reader.feed(chunk)]
    return payloads + reader.close()


def feed_all(reader: SseReader, chunks: list[bytes]) -> None:
    for chunk in chunks:
        reader.feed(chunk)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'data: {"a":1}\n\ndata: [DONE]\n\n', [b'{"a":1}', b"[DONE]"]),
        (b"event: ping\ndata: {}\n\n", [b"{}"]),
        (b"data: {}\nevent: ping\n\n", [b"{}"]),
        (b"id: 1\nevent: ping\nretry: 5\ndata: {}\n\n", [b"{}"]),
        (b"data:{}\n\n", [b"{}"]),
        (b"data:  {} \n\n", [b" {} "]),
        (b"data: one\ndata: two\n\n", [b"one\ntwo"]),
        (b"data\ndata: two\n\n", [b"\ntwo"]),
        (b": OPENROUTER PROCESSING\n\ndata: {}\n\n", [b"{}"]),
        (b": data: no\ndata: yes\n\n", [b"yes"]),
        (b"event: data: no\n\n", []),
        (b"xdata: no\n\n", []),
        (b"data:\n\n", []),
        (b"\n\n\ndata: {}\n\n\n\n", [b"{}"]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
        (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
        (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
        (b"data: no blank line", [b"no blank line"]),
        (b"data: no blank line\n", [b"no blank line"]),
        (b"data: \xff\xfe\n\ndata: ok\n\n", ["\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}".encode(), b"ok"]),
        (b"", []),
        (b"\xef", []),
    ],
)
def test_reads_every_shape_whole_and_byte_by_byte(stream: bytes, expected: list[bytes]) -> None:
    assert expected == read(stream)
    assert expected == read(*(stream[i : i + 1] for i in range(len(stream))))


LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)
EVENTS = st.lists(
    st.tuples(st.lists(VALUES, min_size=1, max_size=3), st.sampled_from(["", "event: x", ": comment", "id: data: 7"])),
    max_size=6,
)


@given(EVENTS, LINE_ENDS, st.lists(st.integers(0, 400), max_size=8), st.booleans(), st.booleans())
def test_any_cut_gives_the_same_events(
    events: list[tuple[list[str], str]], eol: str, places: list[int], mark: bool, data_first: bool
) -> None:
    blocks = []
    for values, other in events:
        lines = [f"data: {value}" for value in values]
        lines = [*lines, other] if data_first else [other, *lines]
        blocks.append(eol.join(line for line in lines if line) + eol + eol)
    stream = ("\ufeff" if mark else "").encode() + "".join(blocks).encode()
    expected = [joined for values, _ in events if (joined := "\n".join(values).encode())]

    assert expected == read(*cut(stream, places))


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_any_bytes_at_all_are_read_without_an_error(stream: bytes, places: list[int]) -> None:
    payloads = read(*cut(stream, places))

    assert all(payload.decode() is not None for payload in payloads)


def test_gives_an_event_as_soon_as_its_blank_line_is_there() -> None:
    reader = SseReader()

    assert [] == reader.feed(b"data: a\r")
    assert [b"a"] == reader.feed(b"\n\r")
    assert [] == reader.feed(b"\n")
    assert [b"b"] == reader.feed(b"data: b\n\nda")


def test_refuses_an_event_without_end() -> None:
    reader = SseReader(limit=1000)

    with pytest.raises(EventTooLargeError):
        feed_all(reader, [b"data: " + b"x" * 100] * 20)


def test_refuses_an_event_of_endless_lines() -> None:
    reader = SseReader(limit=1000)

    with pytest.raises(EventTooLargeError):
        feed_all(reader, [b"data: " + b"x" * 100 + b"\n"] * 20)
