"""Helpers on objects."""

from __future__ import annotations

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

_OBJECT = Kind.OBJECT | Kind.MISSING


@helper(returns=lambda arguments: arguments[0], kinds=_OBJECT)
def strip_nulls(value: Json) -> Value:
    """Gives an object without its null fields, not looking inside; nothing for anything but an object.

    `$strip_nulls({"a": null, "b": 1})` is `{"b": 1}`
    """
    if not isinstance(value, dict):
        return MISSING
    return {name: item for name, item in value.items() if item is not None}


@helper(returns=always("object"), kinds=_OBJECT)
def without(value: Json, names: Json) -> Value:
    """Gives an object without the named fields; nothing for anything but an object.

    `$without({"a": 1, "b": 2}, ["a"])` is `{"b": 2}`
    """
    if not isinstance(value, dict):
        return MISSING
    gone = _names(names)
    return {name: item for name, item in value.items() if name not in gone}


@helper(returns=always("object"), kinds=_OBJECT)
def pick(value: Json, names: Json) -> Value:
    """Gives an object with only the named fields, in its own order; nothing for anything but an object.

    `$pick({"a": 1, "b": 2}, ["a"])` is `{"a": 1}`
    """
    if not isinstance(value, dict):
        return MISSING
    wanted = _names(names)
    return {name: item for name, item in value.items() if name in wanted}


@helper(returns=always("object"), kinds=_OBJECT)
def merge_deep(first: Json, second: Json) -> Value:
    """Merges two objects; where both have an object the two are merged, else the second's value wins.

    `$merge_deep({"a": {"b": 1}}, {"a": {"c": 2}})` is `{"a": {"b": 1, "c": 2}}`
    """
    if not isinstance(first, dict):
        return second if isinstance(second, dict) else MISSING
    return _merged(first, second) if isinstance(second, dict) else first


def _merged(first: dict[str, Json], second: dict[str, Json]) -> dict[str, Json]:
    result = dict(first)
    for name, item in second.items():
        before = result.get(name)
        result[name] = _merged(before, item) if isinstance(before, dict) and isinstance(item, dict) else item
    return result


def _names(value: Json) -> set[str]:
    return {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}
