"""A wire schema made lenient, for checking the bodies that clients send.

Kept: kinds of values and required fields. Given up: literals (providers extend them), fields that are not declared, and
alternatives that no literal tells apart, and what lies deeper than `DEPTH` objects, which costs memory and finds no
mistakes that a client makes. Null is fine for an optional field. Unions become `if`/`then`/`else` chains
over the field that tells the alternatives apart, so each mistake has exactly one message.

    anyOf [{type: text, ...}, {type: image, ...}]  ->  if type = text then ... else if type = image then ...
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, cast

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.shapes.nodes import KINDS, Kind, kind_of
from ccproxy.shapes.schemas import join_pointer, resolve_reference, schema_at

UNIONS: Final = ("anyOf", "oneOf")
DEPTH: Final = 4


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative: the schema that stands at a pointer."""

    pointer: str
    schema: JsonObject

    @property
    def kinds(self) -> frozenset[Kind]:
        return _kinds_of(self.schema)

    @property
    def properties(self) -> JsonObject:
        return cast(JsonObject, self.schema.get("properties", {}))

    @property
    def required(self) -> list[str]:
        return cast(list[str], self.schema.get("required", []))


def lenient_schema(name: str) -> JsonObject:
    """Return the lenient variant of the schema `name`."""
    maker = _Maker(name)
    body = maker.node([""], DEPTH, nullable=False)
    return {**body, "$defs": maker.definitions} if maker.definitions else body


@dataclass(slots=True)
class _Maker:
    name: str
    definitions: JsonObject = field(default_factory=dict)

    def node(self, pointers: Iterable[str], depth: int, *, nullable: bool) -> JsonObject:
        """Return the lenient schema of a value that one of the places describes, `depth` objects deep."""
        branches = [branch for pointer in pointers for branch in self.branches(pointer)]
        kinds = frozenset[Kind]().union(*(branch.kinds for branch in branches))
        if nullable and kinds != KINDS:
            kinds |= {"null"}
        made: JsonObject = {} if kinds == KINDS else {"type": _type_of(kinds)}
        arrays = [branch for branch in branches if "array" in branch.kinds]
        objects = [branch for branch in branches if "object" in branch.kinds]
        made.update(self.array_part(arrays, depth))
        made.update(self.object_part(objects, depth))
        return made

    def branches(self, pointer: str) -> list[Branch]:
        """Return the alternatives at a place, references followed and unions flattened."""
        schema = schema_at(self.name, pointer)
        if not isinstance(schema, dict):
            return [Branch(pointer, {})]
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self.branches(resolve_reference(self.name, reference)[1])
        for union in UNIONS:
            inner = schema.get(union)
            if isinstance(inner, list):
                return [branch for i in range(len(inner)) for branch in self.branches(join_pointer(pointer, union, i))]
        return [Branch(pointer, schema)]

    def array_part(self, arrays: Sequence[Branch], depth: int) -> JsonObject:
        if not arrays or any("items" not in branch.schema for branch in arrays):
            return {}
        items = self.node([join_pointer(branch.pointer, "items") for branch in arrays], depth, nullable=False)
        return {"items": items} if items else {}

    def object_part(self, objects: Sequence[Branch], depth: int) -> JsonObject:
        if not objects or depth == 0 or any(not branch.properties for branch in objects):
            return {}
        if len(objects) == 1:
            return self.one_object(objects[0], depth)
        told_apart_by = discriminator(objects)
        return self.chain(objects, told_apart_by, depth) if told_apart_by else self.merged(objects, depth)

    def one_object(self, branch: Branch, depth: int) -> JsonObject:
        """Return what an alternative demands; by reference when it is a definition of its own."""
        if not branch.pointer.startswith("/$defs/") or branch.pointer.count("/") != 2:
            return self.merged([branch], depth)
        key = f"{branch.pointer.removeprefix('/$defs/')}.{depth}"
        if key not in self.definitions:
            self.definitions[key] = {}
            self.definitions[key] = self.merged([branch], depth)
        return {"$ref": f"#/$defs/{key}"} if self.definitions[key] else {}

    def merged(self, objects: Sequence[Branch], depth: int) -> JsonObject:
        """Return what all alternatives demand together."""
        required = [name for name in objects[0].required if all(name in branch.required for branch in objects)]
        properties: JsonObject = {}
        for name in dict.fromkeys(name for branch in objects for name in branch.properties):
            holders = [branch for branch in objects if name in branch.properties]
            places = [join_pointer(branch.pointer, "properties", name) for branch in holders]
            if made := self.node(places, depth - 1, nullable=name not in required):
                properties[name] = made
        made = {"properties": properties} if properties else {}
        return {**made, "required": cast(Json, required)} if required else made

    def chain(self, objects: Sequence[Branch], by: str, depth: int) -> JsonObject:
        """Return a chain that picks the alternative by the literal in field `by`."""
        groups: dict[tuple[Json, ...], list[Branch]] = {}
        for branch in objects:
            groups.setdefault(tuple(literals(branch.properties.get(by))), []).append(branch)
        must = all(by in branch.required for branch in objects)
        chain: JsonObject = {}
        for values, group in reversed(groups.items()):
            if then := self.object_part(group, depth):
                chain = {"if": _is_one_of(by, values), "then": then, **({"else": chain} if chain else {})}
        absent = [branch for branch in objects if by not in branch.required]
        if not must:
            chain = {"if": {"required": [by]}, "then": chain, "else": self.object_part(absent, depth)}
        kinds: Json = "string" if must else ["string", "null"]
        return {"properties": {by: {"type": kinds}}, **({"required": [by]} if must else {}), **chain}


def discriminator(objects: Sequence[Branch]) -> str | None:
    """Return the field whose literals tell most of the alternatives apart."""
    fields = dict.fromkeys(name for branch in objects for name, schema in branch.properties.items() if literals(schema))
    groups = {name: {frozenset(literals(branch.properties.get(name))) for branch in objects} for name in fields}
    best = max(fields, key=lambda name: len(groups[name]), default=None)
    if best is None or len(groups[best]) == 1 or not all(groups[best]):
        return None
    overlap = any(one & other for one, other in combinations(groups[best], 2))
    return None if overlap else best


def literals(schema: Json) -> list[Json]:
    """Return the strings that a schema allows, when it allows nothing else but null."""
    if not isinstance(schema, dict):
        return []
    values = [schema["const"]] if "const" in schema else cast(list[Json], schema.get("enum", []))
    texts: list[Json] = [value for value in values if isinstance(value, str)]
    return texts if len(texts) == len([value for value in values if value is not None]) else []


def _is_one_of(by: str, values: tuple[Json, ...]) -> JsonObject:
    wanted: JsonObject = {"const": values[0]} if len(values) == 1 else {"enum": list(values)}
    return {"properties": {by: wanted}}


def _kinds_of(schema: JsonObject) -> frozenset[Kind]:
    if "const" in schema:
        return frozenset((kind_of(schema["const"]),))
    if "enum" in schema:
        return frozenset(kind_of(value) for value in cast(list[Json], schema["enum"]))
    kinds = schema.get("type")
    if kinds is None:
        return frozenset(("object",)) if "properties" in schema else KINDS
    return frozenset(cast(list[Kind], kinds if isinstance(kinds, list) else [kinds]))


def _type_of(kinds: frozenset[Kind]) -> Json:
    names = sorted(kinds - {"integer"} if "number" in kinds else kinds)
    return names[0] if len(names) == 1 else cast(Json, names)
