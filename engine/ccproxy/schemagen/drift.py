"""What differs between two generations of a wire schema: fields that came, went, or take other values.

A field is named as edits name places: `Definition.field[].field`, `body.field` for the message itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.edits import ROOT
from ccproxy.schemagen.traversal import definitions, reference_name

Kind = Literal["new", "changed", "removed"]
NEW: Final = "new"
CHANGED: Final = "changed"
REMOVED: Final = "removed"
OPTIONAL: Final = "optional"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `gained` and `lost` are kinds, literals (`"x"`) and definitions that a field may be."""

    kind: Kind
    schema: str
    field: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field's own name, without what it lies in."""
        return self.field.rpartition(".")[2].rstrip("[]*")

    @property
    def owner(self) -> str:
        """The definition in which the field stands, `body` for the message itself."""
        return self.field.partition(".")[0].partition("[")[0]


@dataclass(slots=True)
class _Fields:
    """Every field of a schema and what it may be."""

    found: dict[str, set[str]] = field(default_factory=dict)

    def read(self, path: str, schema: Json) -> None:
        """Take the fields below a place, without what stands in other definitions."""
        if not isinstance(schema, dict):
            return
        for branch in _branches(schema):
            required = cast("list[str]", branch.get("required", []))
            for name, inner in cast("dict[str, Json]", branch.get("properties", {})).items():
                said = self.found.setdefault(f"{path}.{name}", set())
                said |= set(_words(inner)) | (set() if name in required else {OPTIONAL})
                self.read(f"{path}.{name}", inner)
            for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
                inner = branch.get(keyword)
                if isinstance(inner, dict) and inner:
                    self.found.setdefault(path + mark, set()).update(_words(inner))
                    self.read(path + mark, inner)


def _branches(schema: JsonObject) -> Iterator[JsonObject]:
    alternatives = schema.get("anyOf")
    for branch in alternatives if isinstance(alternatives, list) else ():
        yield from _branches(cast(JsonObject, branch))
    yield schema


def _words(schema: Json) -> Iterator[str]:
    """What a value may be: kinds, literals, names of definitions."""
    for branch in _branches(schema) if isinstance(schema, dict) else ():
        if name := reference_name(branch):
            yield name
        kinds = branch.get("type", [])
        yield from cast("list[str]", kinds if isinstance(kinds, list) else [kinds])
        literals = [branch["const"]] if "const" in branch else cast("list[Json]", branch.get("enum", []))
        yield from (json.dumps(literal, ensure_ascii=False) for literal in literals)


def fields_of_schema(schema: JsonObject) -> dict[str, set[str]]:
    """Each field of a schema, and what it may be."""
    fields = _Fields()
    body = {name: value for name, value in schema.items() if name != "$defs"}
    fields.found[ROOT] = set(_words(body))
    fields.read(ROOT, body)
    for name, definition in definitions(schema).items():
        fields.found[name] = set(_words(definition))
        fields.read(name, definition)
    return fields.found


def compare_schemas(name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Yield what differs; of a definition that came or went only the definition itself."""
    before, after = fields_of_schema(old), fields_of_schema(new)
    yield from (Change(NEW, name, path, _sorted(after[path])) for path in _only(after, before))
    yield from (Change(REMOVED, name, path, (), _sorted(before[path])) for path in _only(before, after))
    for path in sorted(before.keys() & after.keys()):
        gained, lost = after[path] - before[path], before[path] - after[path]
        if gained or lost:
            yield Change(CHANGED, name, path, _sorted(gained), _sorted(lost))


def _only(here: Mapping[str, set[str]], there: Mapping[str, set[str]]) -> list[str]:
    """Places that only one side has, without those inside others that only it has."""
    alone = {path for path in here if path not in there}
    return sorted(path for path in alone if not any(outer in alone for outer in _outer(path)))


def _outer(path: str) -> Iterator[str]:
    while path := path[: max(path.rfind("."), path.rfind("["), 0)]:
        yield path


def _sorted(words: set[str]) -> tuple[str, ...]:
    return tuple(sorted(words))
