"""Edits of nested fields: they copy what they change, and destroy nothing on the way."""

import pytest

from ccproxy.mapping.codegen.runtime import NULL, has_pointer, set_pointer


@pytest.mark.parametrize(
    ("before", "pointer", "value", "after"),
    [
        ({"a": {"b": 1, "c": 2}}, "/a/b", 3, {"a": {"b": 3, "c": 2}}),
        ({}, "/a/b", 3, {"a": {"b": 3}}),
        ({"a": {"b": 1, "c": 2}}, "/a/b", None, {"a": {"c": 2}}),
        ({}, "/a/b", None, {}),
        ({"a": 1}, "/a", NULL, {"a": None}),
        ({"a": [{"b": 1}]}, "/a/0/b", 3, {"a": [{"b": 1}]}),
        ({"a": "text"}, "/a/b", 3, {"a": "text"}),
        ({}, "/x~1y", 1, {"x/y": 1}),
    ],
)
def test_sets_a_nested_field(before: dict, pointer: str, value: object, after: dict) -> None:
    inner = before.get("a")
    kept = dict(inner) if isinstance(inner, dict) else inner

    set_pointer(before, pointer, value)  # type: ignore[arg-type]

    assert after == before
    assert kept == inner, "a shared object was changed"


def test_has_what_is_not_null() -> None:
    assert has_pointer({"a": {"b": 1}}, "/a/b")
    assert not has_pointer({"a": {"b": None}}, "/a/b")
