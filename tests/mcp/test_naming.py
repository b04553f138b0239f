"""Shown names depend on what is offered only."""

from __future__ import annotations

from itertools import permutations

from ccproxy.mcp.naming import assign_names

OFFERED = {"a": ["echo", "x"], "b": ["echo", "b_echo"], "c d": ["echo", "y"]}


def test_unique_names_stay_bare_and_clashes_get_the_server() -> None:
    assert {
        ("a", "echo"): "a_echo",
        ("a", "x"): "x",
        ("b", "echo"): "b_echo_2",
        ("b", "b_echo"): "b_echo",
        ("c d", "echo"): "c_d_echo",
        ("c d", "y"): "y",
    } == assign_names(OFFERED)


def test_the_order_of_servers_changes_nothing() -> None:
    orders = [dict(order) for order in permutations(OFFERED.items())]

    assert 1 == len({tuple(sorted(assign_names(order).items())) for order in orders})


def test_all_names_differ() -> None:
    names = assign_names({"a": ["b_c", "c"], "a_b": ["c", "b_c"], "b": ["c"]})

    assert len(names) == len(set(names.values()))
