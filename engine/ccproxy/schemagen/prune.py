"""Definitions: inline those that say less than their name, drop those that nothing reaches."""

from __future__ import annotations

from collections import Counter

from ccproxy.jsontypes import JsonObject
from ccproxy.schemagen.slim import merge_branches
from ccproxy.schemagen.traversal import definitions, reference_name, references, rewrite

SMALL_OBJECT = 3


def prune(schema: JsonObject) -> JsonObject:
    """Return the schema without definitions that the body does not reach."""
    found = definitions(schema)
    reached: set[str] = set()
    waiting = list(references(schema))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += references(found[name])
    kept: JsonObject = {name: body for name, body in found.items() if name in reached}
    pruned = {key: value for key, value in schema.items() if key != "$defs"}
    return {**pruned, "$defs": kept} if kept else pruned


def inline_trivial(schema: JsonObject) -> JsonObject:
    """Put definitions of scalars, and small objects used once, where they are used."""
    while small := _trivial(schema):
        schema = prune(rewrite(schema, lambda part: _put_in(part, small)))
    return schema


def _put_in(part: JsonObject, small: dict[str, JsonObject]) -> JsonObject:
    name = reference_name(part)
    if name in small:
        return small[name]
    branches = part.get("anyOf")
    if isinstance(branches, list):
        return {**{key: value for key, value in part.items() if key != "anyOf"}, **merge_branches(branches)}
    return part


def _trivial(schema: JsonObject) -> dict[str, JsonObject]:
    found = definitions(schema)
    uses = Counter(references(schema))
    for body in found.values():
        uses.update(references(body))
    return {name: body for name, body in found.items() if _is_trivial(body, uses[name])}


def _is_trivial(body: JsonObject, uses: int) -> bool:
    if any(True for _ in references(body)):
        return False
    properties = body.get("properties")
    if not isinstance(properties, dict):
        return True
    return uses == 1 and len(properties) <= SMALL_OBJECT
