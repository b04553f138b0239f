"""Token counts of one answer, reported in pieces by its upstream."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from ccproxy.jsontypes import Json
from ccproxy.unified.model import Usage

INPUT_COUNTS = ("input", "cache_read", "cache_write")


def merge_usage(usage: Usage, update: Usage) -> Usage:
    """`usage` with every count that `update` knows.

    A zero beside other counts is a correction; a report of nothing but zeros says nothing, since some
    upstreams send one with every chunk.
    """
    counts = cast("dict[str, Json]", update)
    known = {name: count for name, count in counts.items() if count is not None and name != "extra"}
    if usage and not any(known.values()):
        known = {name: count for name, count in known.items() if name not in usage}
    merged = cast("Usage", {**usage, **known})
    extra = update.get("extra")
    if extra:
        merged["extra"] = {**usage.get("extra", {}), **extra}
    return merged


def estimated_usage(usage: Usage, estimate: Callable[[], int] | None) -> Usage:
    """`usage` for the head of an answer: with the estimated input while the real one is unknown."""
    if estimate is None or any(usage.get(name) for name in INPUT_COUNTS):
        return usage
    return cast("Usage", {**usage, "input": estimate()})
