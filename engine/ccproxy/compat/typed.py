"""Values as a tool's JSON Schema wants them: text becomes a number only where nothing else can be meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ccproxy.compat.lenient_json import NotJsonError, parse_lenient, parse_strict

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json

KINDS: Final = frozenset({"string", "integer", "number", "boolean", "null", "object", "array"})
# Words that models write as a type, besides those of JSON Schema.
HINTS: Final = {
    "str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number",
    "bool": "boolean", "list": "array", "dict": "object", "map": "object", "none": "null", "nil": "null",
}  # fmt: skip
DEEPEST: Final = 8


def kinds_of(schema: Json, root: Json, depth: int = 0) -> frozenset[str]:
    """The kinds of value that a schema lets through; empty when it says nothing about that."""
    schema = resolve(schema, root)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return frozenset()
    said = schema.get("type")
    if said is not None:
        named = said if isinstance(said, list) else [said]
        return frozenset(_kind_word(str(word)) for word in named) & KINDS
    if "const" in schema or isinstance(schema.get("enum"), list):
        values = schema["enum"] if isinstance(schema.get("enum"), list) else [schema["const"]]
        return frozenset(kind_of(value) for value in values)  # type: ignore[union-attr]
    for word in ("anyOf", "oneOf"):
        branches = schema.get(word)
        if isinstance(branches, list):
            found = [kinds_of(branch, root, depth + 1) for branch in branches]
            return frozenset().union(*found) if all(found) else frozenset()
    branches = schema.get("allOf")
    for branch in branches if isinstance(branches, list) else ():
        if inner := kinds_of(branch, root, depth + 1):
            return inner
    return frozenset({"object"}) if "properties" in schema else frozenset()


def _kind_word(word: str) -> str:
    # some clients write the words in capitals
    return word.lower()


def kind_of(value: Json) -> str:
    """The word of JSON Schema for a value."""
    match value:
        case bool():
            return "boolean"
        case None:
            return "null"
        case str():
            return "string"
        case int():
            return "integer"
        case float():
            return "number"
        case dict():
            return "object"
    return "array"


def resolve(schema: Json, root: Json) -> Json:
    """The schema behind a local reference."""
    for _ in range(DEEPEST):
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#"):
            return schema
        schema = root
        for step in reference.strip("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            schema = schema.get(name) if isinstance(schema, dict) and name else schema
    return schema


def is_text(kinds: frozenset[str], hint: str = "") -> bool:
    """Whether what is written can only be taken as it stands."""
    wanted = _wanted(kinds, hint)
    if wanted:
        return wanted == "string"
    return not kinds or ("string" in kinds and not kinds & {"object", "array"})


def typed(text: str, kinds: frozenset[str], hint: str = "") -> Json:
    """The value that a written text stands for; the text itself where nothing else is surely meant."""
    wanted = _wanted(kinds, hint)
    if wanted == "string" or not (wanted or kinds):
        return text
    if wanted:
        return _read(text, frozenset({wanted}) | (kinds & {"integer"}))
    return _read(text, kinds & {"object", "array"} if "string" in kinds else kinds)


def _wanted(kinds: frozenset[str], hint: str) -> str:
    """The kind that the schema leaves no choice about, or else the one that the model says, where it is allowed."""
    if kinds == {"string"}:
        return "string"
    wanted = HINTS.get(hint.lower(), hint.lower())
    is_allowed = not kinds or wanted in kinds or (wanted == "number" and "integer" in kinds)
    return wanted if wanted in KINDS and is_allowed else ""


def _read(text: str, kinds: frozenset[str]) -> Json:
    """The text as JSON where it is of one of these kinds."""
    stripped = text.strip()
    is_tree = stripped[:1] in ("{", "[")
    try:
        value = parse_lenient(stripped) if is_tree else parse_strict(_constant(stripped))
    except NotJsonError:
        return text
    return _of_kind(value, kinds, text)


def _constant(text: str) -> str:
    lowered = text.lower()
    return {"none": "null"}.get(lowered, lowered) if lowered in ("true", "false", "null", "none") else text


def _of_kind(value: Json, kinds: frozenset[str], otherwise: Json) -> Json:
    kind = kind_of(value)
    if kind in kinds or (kind == "integer" and "number" in kinds):
        return value
    if isinstance(value, float) and "integer" in kinds and value.is_integer():
        return int(value)
    return otherwise


def coerced(value: Json, schema: Json, root: Json, depth: int = 0) -> Json:
    """A JSON value in the kind that its schema wants: `"5"` for a number is 5, 5 for a string is `"5"`."""
    kinds = kinds_of(schema, root)
    if isinstance(value, str):
        return value if not kinds or "string" in kinds else _read(value, kinds)
    if isinstance(value, bool | int | float) and kinds == {"string"}:
        return json.dumps(value)
    if isinstance(value, float) and kinds == {"integer"} and value.is_integer():
        return int(value)
    schema = resolve(schema, root)
    if depth > DEEPEST or not isinstance(schema, dict):
        return value
    if isinstance(value, dict) and isinstance(properties := schema.get("properties"), dict):
        return {name: coerced(each, properties.get(name), root, depth + 1) for name, each in value.items()}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [coerced(each, schema["items"], root, depth + 1) for each in value]
    return value


def properties_of(schema: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a tool's parameters declare at top level."""
    found = resolve(dict(schema), dict(schema))
    properties = found.get("properties") if isinstance(found, dict) else None
    return properties if isinstance(properties, dict) else {}
