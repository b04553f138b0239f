"""JSON Schemas by name, with references between files resolved inside the schemas folder and never on the network."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema_rs
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource
from referencing.jsonschema import DRAFT202012

from ccproxy.jsontypes import Json, JsonObject

BASE = "https://ccproxy.dev/schemas/"
SUFFIX = ".schema.json"


@dataclass(frozen=True, slots=True)
class SchemaStore:
    """A schemas folder; validators are made once per name."""

    root: Path
    validators: dict[str, Draft202012Validator] = field(default_factory=dict, repr=False, compare=False)
    fast: dict[str, jsonschema_rs.Draft202012Validator] = field(default_factory=dict, repr=False, compare=False)

    def validator(self, name: str) -> Draft202012Validator:
        """The validator of `mapping/request`, `config`, …"""
        if name not in self.validators:
            registry: Registry[JsonObject] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]
            self.validators[name] = Draft202012Validator(self._load(name), registry=registry)
        return self.validators[name]

    def accepts(self, name: str, value: Json) -> bool:
        """Tell quickly whether there is nothing to complain about."""
        if name not in self.fast:
            self.fast[name] = jsonschema_rs.Draft202012Validator(self._load(name), retriever=self._load_uri)
        try:
            return self.fast[name].is_valid(value)
        except ValueError:  # a number that JSON cannot say
            return False

    def shown(self, name: str) -> str:
        """The name of the file, as diagnostics show it."""
        return f"schemas/{name}{SUFFIX}"

    def _load(self, name: str) -> JsonObject:
        schema: JsonObject = json.loads((self.root / f"{name}{SUFFIX}").read_text(encoding="utf-8"))
        return schema

    def _load_uri(self, uri: str) -> JsonObject:
        return self._load(uri.removeprefix(BASE).removesuffix(SUFFIX))

    def _retrieve(self, uri: str) -> Resource[JsonObject]:
        if not uri.startswith(BASE):
            raise NoSuchResource(ref=uri)  # type: ignore[call-arg]
        return DRAFT202012.create_resource(self._load_uri(uri))
