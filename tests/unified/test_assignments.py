"""Arguments that come one value at a time find their places."""

from __future__ import annotations

from typing import Any

import pytest

from ccproxy.unified.assignments import assign


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("$.a", 1)], {"a": 1}),
        ([("$.a", "x"), ("$.a", "y"), ("$.a", "")], {"a": "xy"}),
        ([("$.a.b", True), ("$.a.c", None)], {"a": {"b": True, "c": None}}),
        ([("$.l[0].n", "p"), ("$.l[1].n", "q"), ("$.l[0].m", 2)], {"l": [{"n": "p", "m": 2}, {"n": "q"}]}),
        ([("$['a.b'][0]", 1), ('$["c"]', 2)], {"a.b": [1], "c": 2}),
        ([("$.l[7]", 1), ("$.l[9]", 2)], {"l": [1, 2]}),
    ],
)
def test_it_puts_each_value_where_its_path_leads(given: list[tuple[str, Any]], expected: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {}

    for path, value in given:
        assign(arguments, path, value)

    assert expected == arguments
