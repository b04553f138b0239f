"""A tool's JSON Schema as a short list that people and models read: nested objects, choices, limits, defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ccproxy.compat.events import dumps
from ccproxy.compat.typed import resolve

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

DEEPEST: Final = 8
# What is told of a value besides its type, and how.
_LIMITS: Final = {
    "format": "{}", "pattern": "matches {}", "minimum": "at least {}", "maximum": "at most {}",
    "exclusiveMinimum": "more than {}", "exclusiveMaximum": "less than {}", "multipleOf": "multiple of {}",
    "minLength": "at least {} characters", "maxLength": "at most {} characters", "minItems": "at least {} items",
    "maxItems": "at most {} items",
}  # fmt: skip


def outline(parameters: JsonObject) -> str:
    """A line for each argument, those inside of others indented; "" when there are none."""
    return "\n".join(_properties(parameters, parameters, 0))


def _properties(schema: Json, root: Json, depth: int) -> Iterator[str]:
    schema = resolve(schema, root)
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(properties, dict) or depth > DEEPEST:
        return
    required = schema.get("required")
    needed = required if isinstance(required, list) else []
    for name in sorted(properties, key=lambda name: name not in needed):
        yield from _property(name, properties[name], root, depth, is_required=name in needed)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        yield from _property("(any other name)", extra, root, depth, is_required=False)


def _property(name: str, schema: Json, root: Json, depth: int, *, is_required: bool) -> Iterator[str]:
    schema = resolve(schema, root)
    facts = schema if isinstance(schema, dict) else {}
    told = [type_words(schema, root), *_limits(facts), *(["required"] if is_required else [])]
    said = " ".join(str(facts["description"]).split()) if facts.get("description") else ""
    yield f"{'  ' * depth}- {name} ({', '.join(told)}){': ' if said else ''}{said}"
    for inner in _inner(facts, root):
        yield from _properties(inner, root, depth + 1)


def _inner(schema: Mapping[str, Json], root: Json, depth: int = 0) -> Iterator[Json]:
    """The objects within a value: itself, its items, or what it may be instead."""
    if "properties" in schema or isinstance(schema.get("additionalProperties"), dict):
        yield dict(schema)
    if depth > DEEPEST:
        return
    branches = [
        schema.get("items"),
        *(each for word in ("anyOf", "oneOf", "allOf") for each in _list(schema.get(word))),
    ]
    for branch in branches:
        resolved = resolve(branch, root)
        if isinstance(resolved, dict):
            yield from _inner(resolved, root, depth + 1)


def type_words(schema: Json, root: Json, depth: int = 0) -> str:
    """The type of a value in words."""
    schema = resolve(schema, root)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return "anything"
    if "const" in schema:
        return dumps(schema["const"])
    if isinstance(schema.get("enum"), list):
        return " | ".join(dumps(value) for value in _list(schema["enum"]))
    branches = _list(schema.get("anyOf")) or _list(schema.get("oneOf"))
    if branches:
        return " or ".join(dict.fromkeys(type_words(branch, root, depth + 1) for branch in branches))
    for branch in _list(schema.get("allOf")):
        return type_words(branch, root, depth + 1)
    words = [str(word).lower() for word in _list(schema.get("type")) or [schema.get("type") or "anything"]]
    if words == ["anything"] and "properties" in schema:
        words = ["object"]
    return " or ".join(_list_words(schema, root, depth) if word == "array" else word for word in words)


def _list_words(schema: Mapping[str, Json], root: Json, depth: int) -> str:
    return f"list of {type_words(schema['items'], root, depth + 1)}" if "items" in schema else "list"


def _limits(schema: Mapping[str, Json]) -> Iterator[str]:
    for name, words in _LIMITS.items():
        if name in schema:
            value = schema[name]
            yield words.format(value if isinstance(value, str) else dumps(value))
    if "default" in schema:
        yield f"default {dumps(schema['default'])}"


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
