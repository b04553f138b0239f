"""JSON Schemas of SDK types, by pydantic."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterable
from importlib.metadata import version
from typing import cast

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelField

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.traversal import DEFINITIONS


class _Generator(GenerateJsonSchema):
    """Lets pass as anything the fields that never stand on the wire: callables, client sessions."""

    def model_field_schema(self, schema: ModelField) -> JsonSchemaValue:
        try:
            return super().model_field_schema(schema)
        except PydanticInvalidForJsonSchema:
            return {}


def schema_of_type(place: str) -> JsonObject:
    """Return the JSON Schema of `package.module:Type`, with the names that stand on the wire."""
    module, _, name = place.partition(":")
    kind = getattr(importlib.import_module(module), name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # defaults that are no JSON
        schema = TypeAdapter(kind).json_schema(by_alias=True, schema_generator=_Generator)
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
