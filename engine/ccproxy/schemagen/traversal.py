"""Walking a JSON Schema: where subschemas are, and where names of fields are not keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, cast

from ccproxy.jsontypes import Json, JsonObject

MAPS: Final = ("properties", "$defs")
LISTS: Final = ("anyOf", "oneOf", "allOf")
SINGLES: Final = ("items", "additionalProperties")
DEFINITIONS: Final = "#/$defs/"

Change = Callable[[JsonObject], JsonObject]


def rewrite(schema: JsonObject, change: Change) -> JsonObject:
    """Return the schema with `change` applied to every subschema, innermost first."""
    return change({key: _rewrite_value(key, value, change) for key, value in schema.items()})


def _rewrite_value(key: str, value: Json, change: Change) -> Json:
    if key in MAPS and isinstance(value, dict):
        return {name: _rewrite_one(item, change) for name, item in value.items()}
    if key in LISTS and isinstance(value, list):
        return [_rewrite_one(item, change) for item in value]
    return _rewrite_one(value, change) if key in SINGLES else value


def _rewrite_one(value: Json, change: Change) -> Json:
    return rewrite(value, change) if isinstance(value, dict) else value


def subschemas(schema: Json) -> Iterator[JsonObject]:
    """Yield the schema and everything inside it, without following references."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key, value in schema.items():
        if key in MAPS and isinstance(value, dict):
            children = list(value.values())
        elif key in LISTS and isinstance(value, list):
            children = value
        else:
            children = [value] if key in SINGLES else []
        for child in children:
            yield from subschemas(child)


def reference_name(schema: Json) -> str | None:
    """Return the definition that a `$ref` names."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return reference.removeprefix(DEFINITIONS) if isinstance(reference, str) else None


def references(schema: Json) -> Iterator[str]:
    """Yield the name of each definition used in the schema, once per use; definitions themselves are left out."""
    body = {key: value for key, value in schema.items() if key != "$defs"} if isinstance(schema, dict) else schema
    for part in subschemas(body):
        if name := reference_name(part):
            yield name


def definitions(schema: JsonObject) -> dict[str, JsonObject]:
    """Return the definitions of a whole schema."""
    return cast(dict[str, JsonObject], schema.get("$defs", {}))
