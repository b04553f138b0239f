"""Counts on their way to a store are never counted twice, and never lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ccproxy.state.tally import Tally


@given(st.lists(st.sampled_from(["add", "arrive", "fail"]), max_size=30))
def test_a_count_is_what_was_added_whatever_happens_on_the_way(steps: list[str]) -> None:
    tally, stored, added = Tally(), dict[tuple[str, str, int], float](), 0
    for step in steps:
        if step == "add":
            tally.add("requests", "zed", 1, 1)
            added += 1
            continue
        for count, amount in tally.take().items():
            if step == "arrive":
                stored[count] = stored.get(count, 0) + amount
        tally.add("requests", "zed", 1, 1)  # while it is on its way
        added += 1
        assert added == tally.value("requests", "zed", 1)
        if step == "arrive":
            tally.settle(dict(stored))
        else:
            tally.give_back()

        assert added == tally.value("requests", "zed", 1)


def test_only_what_is_asked_for_counts() -> None:
    tally = Tally()
    for at in (1, 5, 9):
        tally.add("requests", "zed", at, 1)
    tally.add("requests", "other", 9, 1)

    assert {5: 1, 9: 1} == tally.since("requests", "zed", 5)
