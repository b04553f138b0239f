"""Suggestions come only when they are close, and never name what is used already."""

import pytest

from ccproxy.diagnostics.suggest import closest, edit_distance, quoted_list


@pytest.mark.parametrize(
    ("written", "candidates", "expected"),
    [
        ("messsages", ["messages", "message", "model"], "messages"),
        ("stopReason", ["stop_reason", "stop_reasons"], "stop_reason"),
        ("hots", ["host", "port"], "host"),
        ("see", ["sse", "ndjson"], "sse"),
        ("unknown_function", ["parse_duration", "as_list"], None),
        ("colour", ["host", "port"], None),
        ("x", ["y"], None),
        ("exact", ["exact"], None),
    ],
)
def test_it_finds_the_name_that_was_meant(written, candidates, expected):
    assert closest(written, candidates) == expected


def test_it_never_suggests_a_name_used_beside_it():
    assert closest("modle", ["model"], used=["model"]) is None


def test_a_swap_of_neighbours_counts_one():
    assert edit_distance("abcd", "abdc") == 1


@pytest.mark.parametrize(
    ("names", "expected"),
    [([], ""), (["a"], "`a`"), (["a", "b", "c"], "`a`, `b` or `c`"), (list("abcdef"), "`a`, `b`, `c`, `d`, `e`, …")],
)
def test_it_lists_at_most_five_names(names, expected):
    assert quoted_list(names) == expected
