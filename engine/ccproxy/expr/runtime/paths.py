"""Path steps over arrays, and JSONata's sequences: no result is nothing, one result stands for itself.

Between the steps of a path a value is either a single value or a list of the values found so far; only the last step
turns such a list into a result.
"""

from __future__ import annotations

from collections.abc import Callable

from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json


def sequence(found: list[Json], nothing: Value = MISSING) -> Value:
    """Return the values found as a result."""
    if len(found) == 1:
        return found[0]
    return found or nothing


def lookup(value: Value, name: str, nothing: Value = MISSING) -> Value:
    """Return a field: of an object, or of every object in an array of any depth."""
    if isinstance(value, dict):
        return value.get(name, nothing)
    if isinstance(value, list):
        return sequence(_collect(value, name), nothing)
    return nothing


def _collect(values: list[Json], name: str) -> list[Json]:
    found: list[Json] = []
    for item in values:
        result = lookup(item, name)
        if isinstance(result, list):
            found.extend(result)
        elif result is not MISSING:
            found.append(result)
    return found


def wildcard(value: Value) -> Value:
    """All values of an object or array. Arrays among them are joined in, however deep, and then stay an array."""
    found = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if any(isinstance(entry, list) for entry in found):
        return _leaves(found)
    return sequence(found)


def _leaves(value: Json) -> list[Json]:
    if not isinstance(value, list):
        return [value]
    return [item for entry in value for item in _leaves(entry)]


def step(value: Value, name: str) -> Value:
    """Take a field in the middle of a path."""
    if isinstance(value, dict):
        return value.get(name, MISSING)
    if isinstance(value, list):
        return flat(_results(value, name))
    return MISSING


def last_step(value: Value, name: str, nothing: Value = MISSING) -> Value:
    """Take a field at the end of a path."""
    if isinstance(value, dict):
        return value.get(name, nothing)
    if isinstance(value, list):
        if len(value) == 1 and type(value[0]) is dict:
            return value[0].get(name, nothing)
        return end(_results(value, name), nothing)
    return nothing


def kept_lookup(value: Value, name: str) -> Value:
    """`lookup` for a step with `[]`: what is found in an array stays an array."""
    if isinstance(value, list):
        return _collect(value, name) or MISSING
    return lookup(value, name)


def kept_step(value: Value, name: str) -> Value:
    """Take a field at the end of a path with `[]`."""
    if isinstance(value, dict):
        return keep(value.get(name, MISSING))
    return map_kept(value, lambda item: kept_lookup(item, name))


def _results(values: list[Json], name: str) -> list[Json]:
    return [
        result
        for item in values
        if (result := item.get(name, MISSING) if type(item) is dict else lookup(item, name)) is not MISSING
    ]


def map_step(value: Value, body: Callable[[Json], Value]) -> Value:
    """Apply a step in the middle of a path to every item."""
    return flat(results(value, body))


def map_end(value: Value, body: Callable[[Json], Value], nothing: Value = MISSING) -> Value:
    """Apply the last step of a path to every item."""
    return end(results(value, body), nothing)


def map_sequence(value: Value, body: Callable[[Json], Value], nothing: Value = MISSING) -> Value:
    """Apply a last step whose results are sequences to every item."""
    if type(value) is list and len(value) == 1 and type(found := body(value[0])) is list:
        return sequence(found, nothing)
    return sequence(flat(results(value, body)), nothing)


def map_kept(value: Value, body: Callable[[Json], Value]) -> Value:
    """Apply the last step of a path with `[]` to every item."""
    return keep_end(results(value, body))


def results(value: Value, body: Callable[[Json], Value]) -> list[Json]:
    """Apply the body to every item; what gives nothing is left out."""
    return [result for item in items(value) if (result := body(item)) is not MISSING]


def items(value: Value) -> list[Json]:
    """Return what a step or predicate runs over."""
    if isinstance(value, list):
        return value
    return [] if value is MISSING else [value]


def flat(found: list[Json]) -> list[Json]:
    """Join results that are arrays, one level deep."""
    if list not in map(type, found):
        return found
    joined: list[Json] = []
    for result in found:
        if isinstance(result, list):
            joined.extend(result)
        else:
            joined.append(result)
    return joined


def end(found: list[Json], nothing: Value = MISSING) -> Value:
    """Return the results of a last step; a single one is the result as it is, even an array."""
    return found[0] if len(found) == 1 else sequence(flat(found), nothing)


def keep_end(found: list[Json]) -> Value:
    if len(found) == 1 and isinstance(found[0], list):
        return found[0]
    return flat(found) or MISSING


def keep(value: Value) -> Value:
    """`[]`: a single value becomes an array of one."""
    return value if value is MISSING or isinstance(value, list) else [value]


def object_context(value: Json) -> Value:
    """Return what the values of an object constructor see when the context is an array."""
    if not isinstance(value, list):
        return value
    if len(value) < 2:
        return value[0] if value else MISSING
    return flat(value)
