"""From a plan to schema files."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ccproxy.jsontypes import JsonObject
from ccproxy.schemagen.edits import apply_edit
from ccproxy.schemagen.naming import drop_twins, shorten_names
from ccproxy.schemagen.plan import Plan, SchemaSource
from ccproxy.schemagen.prune import inline_trivial, prune
from ccproxy.schemagen.sdk import package_version, schema_of_definitions, schema_of_type
from ccproxy.schemagen.slim import drop_openness, slim
from ccproxy.schemagen.traversal import definitions

ADDRESS = "https://ccproxy.dev/schemas/wire"


def generate(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield relative path and text of each schema file of a protocol."""
    for source in plan.sources:
        schema = {**_header(plan, source), **build_schema(plan, source)}
        yield f"{plan.protocol}/{source.kind}.schema.json", json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def build_schema(plan: Plan, source: SchemaSource) -> JsonObject:
    """Return the schema of one source with all edits applied, slim and pruned."""
    schema = slim(drop_openness(_sdk_schema(source)))
    if source.body_type:
        schema = prune(drop_twins(schema, plan.prefixes))
    schema = shorten_names(schema, plan.prefixes)
    schema["$defs"] = {**definitions(schema), **copy.deepcopy(plan.definitions)}
    if source.body is not None:
        schema.update(copy.deepcopy(source.body))
    for edit in plan.edits_for(source.kind):
        apply_edit(schema, copy.deepcopy(edit))
    return _ordered(inline_trivial(prune(slim(schema))))


def _sdk_schema(source: SchemaSource) -> JsonObject:
    return schema_of_type(source.body_type) if source.body_type else schema_of_definitions(source.definition_types)


def _header(plan: Plan, source: SchemaSource) -> JsonObject:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ADDRESS}/{plan.protocol}/{source.kind}.schema.json",
        "$comment": f"Generated from {package_version(plan.package)} and additions/{plan.protocol}.yaml",
        "title": f"{plan.title}: {source.kind}",
    }


def _ordered(schema: JsonObject) -> JsonObject:
    """Return the schema with definitions last and sorted by name."""
    body = {key: value for key, value in schema.items() if key != "$defs"}
    found = definitions(schema)
    return {**body, "$defs": {name: found[name] for name in sorted(found)}} if found else body


def write_schemas(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files below `folder`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
