"""`schemas/wire/additions/<protocol>.yaml`: which SDK types a protocol's schemas come from, and what is added."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from ruamel.yaml import YAML

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.edits import Edit, parse_edits, texts


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """One schema file: its SDK types (one for the body, or several as definitions), or a body written by hand."""

    kind: str
    body_type: str | None
    definition_types: tuple[tuple[str, str], ...]
    body: JsonObject | None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Fields seen in traffic that the schemas leave out on purpose; `*` stands for any text."""

    kinds: tuple[str, ...]
    fields: tuple[str, ...]
    why: str

    def covers(self, field: str) -> bool:
        """Say whether a field, or something inside it, is meant."""
        return any(_glob(pattern).match(field) for pattern in self.fields)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that makes the schemas of one protocol."""

    protocol: str
    title: str
    package: str
    prefixes: tuple[str, ...]
    sources: tuple[SchemaSource, ...]
    definitions: JsonObject
    edits: tuple[Edit, ...]
    ignored: tuple[Ignored, ...]

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
        definitions=cast(JsonObject, content.get("definitions", {})),
        edits=tuple(edit for entry in cast(list[JsonObject], content.get("edits", [])) for edit in parse_edits(entry)),
        ignored=tuple(_ignored(entry) for entry in cast(list[JsonObject], content.get("ignored", []))),
    )


def _source(kind: str, entry: JsonObject) -> SchemaSource:
    types = entry.get("type")
    return SchemaSource(
        kind=kind,
        body_type=types if isinstance(types, str) else None,
        definition_types=tuple(cast(dict[str, str], types).items()) if isinstance(types, dict) else (),
        body=cast("JsonObject | None", entry.get("body")),
    )


def _ignored(entry: JsonObject) -> Ignored:
    return Ignored(kinds=texts(entry["in"]), fields=texts(entry["fields"]), why=str(entry["why"]))


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*") + r"(?![^.\[])")
