"""JSON Schemas of SDK types, by pydantic."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable
from importlib.metadata import version
from typing import cast

from pydantic import TypeAdapter

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.traversal import DEFINITIONS


def schema_of_type(place: str) -> JsonObject:
    """Return the JSON Schema of `package.module:Type`, with the names that stand on the wire."""
    module, _, name = place.partition(":")
    kind = getattr(importlib.import_module(module), name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SDK types hold what JSON Schema cannot say: files, callables
        schema = TypeAdapter(kind).json_schema(by_alias=True)
    return cast(JsonObject, schema)


def schema_of_definitions(types: Iterable[tuple[str, str]]) -> JsonObject:
    """Return a schema without a body whose definitions are the named types and what they use."""
    found: JsonObject = {}
    for name, place in types:
        schema = schema_of_type(place)
        found.update(cast(JsonObject, schema.pop("$defs", {})))
        body: Json = schema
        if schema.get("$ref") != DEFINITIONS + name:
            found[name] = body
    return {"$defs": found}


def package_version(package: str) -> str:
    """Return `name version` of an installed package."""
    return f"{package} {version(package)}"
