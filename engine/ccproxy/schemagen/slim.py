"""What a proxy needs of an SDK's schema: names, types, literals. Prose, defaults and doubled spellings go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.traversal import rewrite

T = TypeVar("T", bound=Json)

KEPT: Final = (
    "$ref", "$defs", "type", "const", "enum", "properties", "required", "items", "additionalProperties", "anyOf",
)  # fmt: skip


def slim(schema: JsonObject) -> JsonObject:
    """Return the schema with only facts left, unions in one flat form."""
    return rewrite(schema, _slim_one)


def drop_openness(schema: JsonObject) -> JsonObject:
    """Forget whether an SDK's class takes further fields; that is a setting of the SDK, not a fact of the protocol."""
    return rewrite(schema, _drop_openness_of_one)


def _drop_openness_of_one(schema: JsonObject) -> JsonObject:
    if schema.get("additionalProperties") in (True, False, {}):
        return {key: value for key, value in schema.items() if key != "additionalProperties"}
    return schema


def _slim_one(schema: JsonObject) -> JsonObject:
    if "oneOf" in schema:
        schema = {**schema, "anyOf": schema["oneOf"]}
    kept: JsonObject = {key: schema[key] for key in KEPT if key in schema}
    if "const" in kept or "enum" in kept:
        kept.pop("type", None)
    required = kept.pop("required", None)
    if isinstance(required, list) and required:
        kept["required"] = [*sorted(map(str, required))]
    branches = kept.pop("anyOf", None)
    return {**kept, **merge_branches(branches)} if isinstance(branches, list) else kept


def merge_branches(branches: list[Json]) -> JsonObject:
    """Return the shortest schema that allows what any branch allows."""
    flat = list(_flatten(branches))
    if {} in flat:
        return {}
    kinds = _unique(kind for branch in flat for kind in _bare_types(branch))
    values = _unique(value for branch in flat for value in _literals(branch) or () if not _covered(value, kinds))
    rest = [branch for branch in _unique(flat) if not _bare_types(branch) and _literals(branch) is None]
    if values and set(kinds) <= {"null"}:
        values, kinds = values + [None] * bool(kinds), []
    parts = [_enum(values)] if values else []
    alone = [branch for branch in rest if _is_inline(branch)]
    if kinds and len(alone) == 1 and alone[0]["type"] not in kinds:
        rest = [{**branch, "type": [branch["type"], *kinds]} if branch is alone[0] else branch for branch in rest]
        kinds = []
    if kinds:
        parts.append({"type": kinds[0] if len(kinds) == 1 else kinds})
    return _join([*parts, *rest] if values else [*rest, *parts])


def _flatten(branches: Iterable[Json]) -> Iterable[JsonObject]:
    for branch in branches:
        if not isinstance(branch, dict):
            yield {}
        elif isinstance(inner := branch.get("anyOf"), list):
            yield from _flatten(inner)
        else:
            yield branch


def _bare_types(branch: JsonObject) -> list[Json]:
    if set(branch) != {"type"}:
        return []
    kinds = branch["type"]
    return kinds if isinstance(kinds, list) else [kinds]


def _literals(branch: JsonObject) -> list[Json] | None:
    if "const" in branch:
        return [branch["const"]]
    values = branch.get("enum")
    return values if isinstance(values, list) else None


def _covered(value: Json, kinds: list[Json]) -> bool:
    return isinstance(value, str) and "string" in kinds


def _enum(values: list[Json]) -> JsonObject:
    return {"const": values[0]} if len(values) == 1 else {"enum": values}


def _is_inline(branch: JsonObject) -> bool:
    return isinstance(branch.get("type"), str)


def _join(branches: list[JsonObject]) -> JsonObject:
    return branches[0] if len(branches) == 1 else {"anyOf": list(branches)}


def _unique(items: Iterable[T]) -> list[T]:
    seen: list[T] = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen
