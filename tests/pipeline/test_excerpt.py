"""Single events are cut out of chunks of whole events."""

from __future__ import annotations

import pytest

from ccproxy.pipeline.excerpt import beginning, events_with

EVENTS = [b'data: {"a": 1}\n\n', b'data: {"usage": 1}\n\n', b'data: {"text": "x"}\n\n', b'data: {"usage": 2}\n\n']
MARKS = (b'"usage"',)


def test_the_first_and_the_last_event_with_a_mark() -> None:
    assert [EVENTS[1], EVENTS[3]] == events_with(MARKS, b"".join(EVENTS), "sse")


def test_one_event_comes_once() -> None:
    assert [EVENTS[1]] == events_with(MARKS, EVENTS[1], "sse")
    assert [EVENTS[1]] == events_with(MARKS, b"".join(EVENTS[:3]), "sse")


def test_a_mark_twice_in_one_event() -> None:
    event = b'data: {"usage": {"usage": 1}}\n\n'

    assert [event] == events_with(MARKS, EVENTS[0] + event, "sse")


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_lines_and_windows_line_ends(line_end: bytes) -> None:
    chunk = b'{"a": 1}' + line_end + b'{"usage": 1}' + line_end

    assert [b'{"usage": 1}' + line_end] == events_with(MARKS, chunk, "ndjson")


def test_nothing_without_a_mark_and_everything_without_ends() -> None:
    assert [] == events_with(MARKS, EVENTS[0], "sse")
    assert [b'[{"usage": 1}'] == events_with(MARKS, b'[{"usage": 1}', "json_array")


def test_a_beginning_ends_with_an_event() -> None:
    chunk = b"".join(EVENTS * 20)

    end = beginning(chunk, "sse")

    assert 512 <= end < 600
    assert chunk[:end].endswith(b"\n\n")
    assert len(EVENTS[0]) == beginning(EVENTS[0], "sse")
