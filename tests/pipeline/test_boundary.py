"""Forwarded streams are cut between events only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ccproxy.pipeline.boundary import LONGEST_HELD_BYTES, Boundary


@given(st.binary(max_size=80), st.integers(0, 80), st.integers(0, 80), st.sampled_from(["sse", "ndjson", "json_array"]))
def test_nothing_is_lost_or_changed(stream: bytes, first: int, second: int, framing: str) -> None:
    boundary = Boundary(framing)
    low, high = min(first, second), max(first, second)

    passed = b"".join(boundary.feed(chunk) for chunk in (stream[:low], stream[low:high], stream[high:]))

    assert stream == passed + boundary.rest()


def test_holds_half_an_event_back() -> None:
    boundary = Boundary("sse")

    assert b"data: 1\n\n" == boundary.feed(b"data: 1\n\ndata:")
    assert b"" == boundary.feed(b" 2\n")
    assert boundary.is_between_events
    assert b"data: 2\n\n" == boundary.feed(b"\n")


def test_passes_an_event_on_that_is_too_long_to_hold() -> None:
    boundary = Boundary("sse")
    piece = b"x" * (LONGEST_HELD_BYTES + 1)

    assert piece == boundary.feed(piece)
    assert not boundary.is_between_events
    assert b"y" == boundary.feed(b"y")
    assert b"z\n\n" == boundary.feed(b"z\n\n")
    assert boundary.is_between_events


def test_an_array_has_no_place_for_a_ping() -> None:
    boundary = Boundary("json_array")

    assert b"[{}" == boundary.feed(b"[{}")
    assert not boundary.is_between_events
