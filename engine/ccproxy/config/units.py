"""Durations like `15s`, sizes like `64MiB`, and days like `2027-01-31`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_NUMBER_AND_UNIT: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*")
_SECONDS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES: Final[Mapping[str, int]] = {
    "": 1,
    "B": 1,
    "kB": 1000,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}


def parse_duration(text: str) -> float | None:
    """Return seconds, or None when `text` is no duration."""
    hit = _NUMBER_AND_UNIT.fullmatch(text)
    return float(hit[1]) * _SECONDS[hit[2]] if hit and hit[2] in _SECONDS else None


def parse_size(text: str) -> int | None:
    """Return bytes, or None when `text` is no size."""
    hit = _NUMBER_AND_UNIT.fullmatch(text)
    return int(float(hit[1]) * _BYTES[hit[2]]) if hit and hit[2] in _BYTES else None


def parse_moment(text: str) -> float | None:
    """Return the unix time of a day's beginning, or of a day and time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
