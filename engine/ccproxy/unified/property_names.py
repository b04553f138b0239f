"""Property names of tool parameters that a target refuses, under legal ones; undone in the arguments of calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.unified.naming import NameRule, legal_name

Renaming: TypeAlias = Mapping[str, str]

DATA_KEYWORDS = ("enum", "const", "default", "examples", "example")


def legal_properties(rule: NameRule, schema: JsonObject) -> Renaming:
    """New names for the illegal property names of a schema; usually none."""
    names = dict.fromkeys(_property_names(schema))
    illegal = [name for name in names if not rule.is_legal(name)]
    taken = set(names)
    renaming: dict[str, str] = {}
    for name in illegal:
        renaming[name] = legal_name(rule, name, taken)
        taken.add(renaming[name])
    return renaming


def rename_schema(schema: Json, renaming: Renaming) -> Json:
    """A copy of a schema with other property names."""
    if isinstance(schema, list):
        return [rename_schema(item, renaming) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _renamed_keyword(name, value, renaming) for name, value in schema.items()}


def rename_keys(value: Json, renaming: Renaming) -> Json:
    """A copy of a value with other keys, at any depth."""
    if isinstance(value, list):
        return [rename_keys(item, renaming) for item in value]
    if not isinstance(value, dict):
        return value
    return {renaming.get(name, name): rename_keys(inner, renaming) for name, inner in value.items()}


def rename_arguments(arguments: JsonObject, renaming: Renaming) -> JsonObject:
    return cast("JsonObject", rename_keys(arguments, renaming))


def _renamed_keyword(keyword: str, value: Json, renaming: Renaming) -> Json:
    if keyword == "properties" and isinstance(value, dict):
        return {renaming.get(name, name): rename_schema(inner, renaming) for name, inner in value.items()}
    if keyword == "required" and isinstance(value, list):
        return [renaming.get(name, name) if isinstance(name, str) else name for name in value]
    return value if keyword in DATA_KEYWORDS else rename_schema(value, renaming)


def _property_names(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        for item in schema:
            yield from _property_names(item)
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        if keyword == "properties" and isinstance(value, dict):
            yield from value
            yield from _property_names(list(value.values()))
        elif keyword not in DATA_KEYWORDS and isinstance(value, (dict, list)):
            yield from _property_names(value)
