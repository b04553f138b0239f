"""Heads of answers: what every server sends, and what none should."""

from __future__ import annotations

import pytest

from ccproxy.upstream.head import BrokenAnswerError, parse_head


def test_reads_status_and_headers() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: a/b; c=d\r\nX-Two: 1\r\nx-two:2\r\nEmpty:\r\nFolded: a\r\n  b")

    assert 200 == head.status
    assert {"content-type": "a/b; c=d", "x-two": "1, 2", "empty": "", "folded": "a b"} == head.headers
    assert head.keep_alive


@pytest.mark.parametrize(
    ("text", "keep_alive"),
    [
        (b"HTTP/1.1 200", True),
        (b"HTTP/1.1 200 \r\nConnection: close", False),
        (b"HTTP/1.1 200 \r\nConnection: Keep-Alive, X", True),
        (b"HTTP/1.0 200 OK", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive", True),
    ],
)
def test_knows_whether_the_connection_stays(text: bytes, keep_alive: bool) -> None:
    assert keep_alive == parse_head(text).keep_alive


@pytest.mark.parametrize("text", [b"", b"hello", b"HTTP/2 200 OK", b"HTTP/1.1 2x0 OK", b"HTTP/1.1 2000 OK"])
def test_refuses_what_does_not_begin_like_http(text: bytes) -> None:
    with pytest.raises(BrokenAnswerError):
        parse_head(text)


@pytest.mark.parametrize("line", [b"no colon", b": no name", b"space before : x", b" folded first"])
def test_refuses_broken_headers(line: bytes) -> None:
    with pytest.raises(BrokenAnswerError):
        parse_head(b"HTTP/1.1 200 OK\r\n" + line)
