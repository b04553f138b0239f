"""Durations and sizes."""

from __future__ import annotations

import pytest

from ccproxy.config.units import parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "expected"),
    [("15s", 15), ("500ms", 0.5), ("2m", 120), ("1.5h", 5400), ("15", None), ("s", None), ("1 fortnight", None)],
)
def test_durations_need_a_unit(text: str, expected: float | None) -> None:
    assert expected == parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("64MiB", 64 << 20), ("10", 10), ("1kB", 1000), ("1.5KiB", 1536), ("1 meg", None)]
)
def test_sizes_may_be_plain_bytes(text: str, expected: int | None) -> None:
    assert expected == parse_size(text)
