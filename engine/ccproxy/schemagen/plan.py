"""`schemas/wire/additions/<protocol>.yaml`: which SDK types a protocol's schemas come from, and what is added."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ruamel.yaml import YAML

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.edits import Edit, parse_edit


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """One schema file: its SDK types (one for the body, or several as definitions), or a body written by hand."""

    kind: str
    body_type: str | None
    definition_types: tuple[tuple[str, str], ...]
    body: JsonObject | None
    definitions: JsonObject


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that makes the schemas of one protocol."""

    protocol: str
    title: str
    package: str
    prefixes: tuple[str, ...]
    sources: tuple[SchemaSource, ...]
    edits: tuple[Edit, ...]

    def edits_for(self, kind: str) -> list[Edit]:
        return [edit for edit in self.edits if kind in edit.kinds]


def load_plans(folder: Path) -> list[Plan]:
    """Return the plan of every protocol, in order of file names."""
    return [load_plan(path) for path in sorted(folder.glob("*.yaml"))]


def load_plan(path: Path) -> Plan:
    """Return the plan in one additions file."""
    content = cast(JsonObject, YAML(typ="safe", pure=True).load(path))
    schemas = cast(dict[str, JsonObject], content["schemas"])
    return Plan(
        protocol=path.stem,
        title=str(content["title"]),
        package=str(content["package"]),
        prefixes=tuple(str(prefix) for prefix in cast(list[Json], content.get("strip_prefixes", []))),
        sources=tuple(_source(kind, entry) for kind, entry in schemas.items()),
        edits=tuple(parse_edit(entry) for entry in cast(list[JsonObject], content.get("edits", []))),
    )


def _source(kind: str, entry: JsonObject) -> SchemaSource:
    types = entry.get("type")
    return SchemaSource(
        kind=kind,
        body_type=types if isinstance(types, str) else None,
        definition_types=tuple(cast(dict[str, str], types).items()) if isinstance(types, dict) else (),
        body=cast("JsonObject | None", entry.get("body")),
        definitions=cast(JsonObject, entry.get("definitions", {})),
    )
