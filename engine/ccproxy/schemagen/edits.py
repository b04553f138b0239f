"""Hand-written additions applied to a generated schema.

An edit says where (`at: Definition.field[].field`, `at: body` for the whole), what, why, and where that was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.slim import merge_branches, slim
from ccproxy.schemagen.traversal import definitions, reference_name

STEPS: Final = re.compile(r"\.([^.\[\]]+)|(\[\])")
ROOT: Final = "body"
KEYS: Final = frozenset(["in", "at", "why", "source", "add", "optional", "nullable", "remove", "variants", "replace"])


class EditError(ValueError):
    """An edit names a place or field that the schema does not have: the SDK has changed, or the edit is wrong."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One entry of `edits:`."""

    kinds: tuple[str, ...]
    at: str
    why: str
    source: str
    add: JsonObject
    optional: tuple[str, ...]
    nullable: tuple[str, ...]
    remove: tuple[str, ...]
    variants: tuple[JsonObject, ...]
    replace: JsonObject | None


def parse_edits(entry: JsonObject) -> list[Edit]:
    """Return the edits that an entry describes, one for each place."""
    unknown = entry.keys() - KEYS
    if unknown or not entry.get("why") or not entry.get("source"):
        raise EditError(f"edit at `{entry.get('at')}`: unknown {sorted(unknown)}, or no `why` or `source`")
    return [_parse_edit(entry, at) for at in texts(entry.get("at", ROOT))]


def _parse_edit(entry: JsonObject, at: str) -> Edit:
    return Edit(
        kinds=texts(entry["in"]),
        at=at,
        why=str(entry["why"]),
        source=str(entry["source"]),
        add=cast(JsonObject, entry.get("add", {})),
        optional=texts(entry.get("optional", [])),
        nullable=texts(entry.get("nullable", [])),
        remove=texts(entry.get("remove", [])),
        variants=tuple(cast(list[JsonObject], entry.get("variants", []))),
        replace=cast("JsonObject | None", entry.get("replace")),
    )


def texts(value: Json) -> tuple[str, ...]:
    """Return a text, or each of a list of texts."""
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def apply_edit(schema: JsonObject, edit: Edit) -> None:
    """Change `schema` in place as the edit says."""
    place = find_place(schema, edit.at)
    if edit.replace is not None:
        place.clear()
        place.update(edit.replace)
    if edit.variants:
        _add_variants(place, edit.variants)
    if edit.add or edit.remove or edit.nullable:
        _change_fields(cast(JsonObject, place.setdefault("properties", {})), edit)
    _make_optional(place, (*edit.optional, *edit.remove), edit)


def _change_fields(properties: JsonObject, edit: Edit) -> None:
    missing = {*edit.remove, *edit.nullable} - properties.keys()
    if missing:
        raise EditError(f"`{edit.at}` has no field {sorted(missing)}")
    for name in edit.remove:
        del properties[name]
    for name in edit.nullable:
        properties[name] = merge_branches([properties[name], {"type": "null"}])
    properties.update(edit.add)


def _add_variants(place: JsonObject, variants: tuple[JsonObject, ...]) -> None:
    kept = {key: place.pop(key) for key in ("$defs",) if key in place}
    branches: list[Json] = [dict(place), *variants]
    place.clear()
    place.update(merge_branches([slim(cast(JsonObject, branch)) for branch in branches]))
    place.update(kept)


def _make_optional(place: JsonObject, names: tuple[str, ...], edit: Edit) -> None:
    required = cast(list[Json], place.get("required", []))
    missing = [name for name in edit.optional if name not in required]
    if missing:
        raise EditError(f"`{edit.at}` does not require {missing}")
    place["required"] = [name for name in required if name not in names]
    if not place["required"]:
        del place["required"]


def find_place(schema: JsonObject, at: str) -> JsonObject:
    """Return the subschema at `Definition.field[].field`, looking through references and unions."""
    start = re.match(r"[^.\[]+", at)
    name = start.group() if start else at
    place = schema if name == ROOT else definitions(schema).get(name)
    if place is None:
        raise EditError(f"`{at}`: no definition `{name}`")
    for field, brackets in STEPS.findall(at[len(name) :]):
        place = _step(schema, place, "items" if brackets else "properties", field, at)
    return _resolved(schema, place)


def _step(schema: JsonObject, place: JsonObject, keyword: str, field: str, at: str) -> JsonObject:
    for branch in _branches(schema, place):
        inner = branch.get(keyword)
        if isinstance(inner, dict):
            found = inner.get(field) if field else inner
            if isinstance(found, dict):
                return found
    raise EditError(f"`{at}`: nothing at `{field or '[]'}`")


def _branches(schema: JsonObject, place: JsonObject) -> Iterator[JsonObject]:
    place = _resolved(schema, place)
    branches = place.get("anyOf")
    for branch in branches if isinstance(branches, list) else ():
        yield from _branches(schema, cast(JsonObject, branch))
    yield place


def _resolved(schema: JsonObject, place: JsonObject) -> JsonObject:
    name = reference_name(place)
    return definitions(schema)[name] if name else place
