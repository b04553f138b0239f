"""Bodies of answers in their three framings, cut anywhere."""

from __future__ import annotations

import gzip
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.upstream.bodies import Body, ChunkedBody, body_of
from ccproxy.upstream.head import BrokenAnswerError, Head


def read(body: Body, stream: bytes, places: list[int]) -> bytes:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return b"".join(body.feed(stream[start:end]) for start, end in itertools.pairwise(edges) if end > start)


def chunked(pieces: list[bytes], extension: bytes = b"", trailer: bytes = b"") -> bytes:
    chunks = [b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces]
    return b"".join(chunks) + b"0\r\n" + trailer + b"\r\n"


PIECES = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
PLACES = st.lists(st.integers(0, 400), max_size=8)


@given(PIECES, PLACES, st.sampled_from([b"", b";x=1", b" ; a"]), st.sampled_from([b"", b"x-a: 1\r\nx-b: 2\r\n"]))
def test_chunks_join_to_the_content(pieces: list[bytes], places: list[int], extension: bytes, trailer: bytes) -> None:
    body = ChunkedBody()

    content = read(body, chunked(pieces, extension, trailer), places)

    assert b"".join(pieces) == content
    assert body.done


@given(st.binary(max_size=60), PLACES)
def test_any_bytes_at_all_end_in_content_or_a_broken_answer(stream: bytes, places: list[int]) -> None:
    try:
        read(ChunkedBody(), stream, places)
    except BrokenAnswerError:
        return


@pytest.mark.parametrize(
    "stream",
    [
        b"\r\n",
        b"x\r\n",
        b"-1\r\n",
        b"0x5\r\n",
        b"fffffffffffffffff\r\n",
        b"1\r\nab\r\n",
        b"1\r\na\n\n",
        b"0\r\n\r\nmore",
    ],
)
def test_refuses_broken_chunks(stream: bytes) -> None:
    with pytest.raises(BrokenAnswerError):
        ChunkedBody().feed(stream)


def test_refuses_an_endless_chunk_line() -> None:
    body = ChunkedBody()

    with pytest.raises(BrokenAnswerError, match="too long"):
        body.feed(b"1;" + b"x" * 10_000)


def test_misses_the_last_chunk() -> None:
    body = ChunkedBody()
    body.feed(b"1\r\na\r\n")

    with pytest.raises(BrokenAnswerError):
        body.end()


def head(**headers: str) -> Head:
    return Head(200, {name.replace("_", "-"): value for name, value in headers.items()}, True)


def test_reads_by_length() -> None:
    body = body_of(head(content_length="3"))

    assert (b"ab", False) == (body.feed(b"ab"), body.done)
    assert (b"c", True) == (body.feed(b"c"), body.done)
    with pytest.raises(BrokenAnswerError):
        body.feed(b"d")


def test_reads_until_the_end() -> None:
    body = body_of(head())

    assert b"ab" == body.feed(b"ab")
    assert not body.done
    body.end()
    assert body.done


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_no_body(status: int) -> None:
    assert body_of(Head(status, {"content-length": "5"}, True)).done


def test_chunks_win_over_a_length() -> None:
    assert isinstance(body_of(head(content_length="3", transfer_encoding="chunked")), ChunkedBody)


@pytest.mark.parametrize("length", ["-1", "x", "", "1, 1"])
def test_refuses_a_broken_length(length: str) -> None:
    with pytest.raises(BrokenAnswerError):
        body_of(head(content_length=length))


@given(st.binary(max_size=200), PLACES)
def test_reads_compressed_bodies_that_nobody_asked_for(content: bytes, places: list[int]) -> None:
    packed = gzip.compress(content)
    body = body_of(head(content_encoding="gzip", transfer_encoding="chunked"))

    assert content == read(body, chunked([packed]), places)
    assert body.done


def test_refuses_a_compression_it_does_not_know() -> None:
    with pytest.raises(BrokenAnswerError, match="br"):
        body_of(head(content_encoding="br"))


def test_refuses_broken_compression() -> None:
    body = body_of(head(content_encoding="gzip", content_length="5"))

    with pytest.raises(BrokenAnswerError):
        body.feed(b"hello")
