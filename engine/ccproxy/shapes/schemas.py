"""Schema files by name (`wire/<protocol>/request`), and references between them.

Owns reading, caching and resolving. Knows no keyword but `$ref`.
"""

from __future__ import annotations

import posixpath
from functools import cache
from pathlib import Path
from typing import Final, cast
from urllib.parse import unquote

import orjson

from ccproxy.datadirs import find_data_dir
from ccproxy.jsontypes import Json, JsonObject

SUFFIX: Final = ".schema.json"


class SchemaNotFoundError(LookupError):
    """No schema file, or no place in it, has this name."""


def schema_path(name: str) -> Path:
    """Return where the schema `name` is or would be."""
    return find_data_dir("schemas") / f"{name}{SUFFIX}"


def has_schema(name: str) -> bool:
    """Say whether a schema file of this name exists."""
    return schema_path(name).is_file()


@cache
def load_schema(name: str) -> JsonObject:
    """Return the schema file `name`, read once; callers must not change it."""
    path = schema_path(name)
    try:
        text = path.read_bytes()
    except FileNotFoundError as missing:
        raise SchemaNotFoundError(f"no schema `{name}` at {path}") from missing
    return cast(JsonObject, orjson.loads(text))


def declared_fields(name: str) -> frozenset[str]:
    """Return the top-level properties of an object schema, whichever alternative has them."""
    found: set[str] = set()
    waiting: list[Json] = [cast("Json", load_schema(name))]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        if isinstance(reference := node.get("$ref"), str):
            waiting.append(schema_at(*resolve_reference(name, reference)))
        for union in ("anyOf", "oneOf"):
            alternatives = node.get(union)
            waiting += alternatives if isinstance(alternatives, list) else []
        properties = node.get("properties")
        found |= set(properties) if isinstance(properties, dict) else set()
    return frozenset(found)


def schema_at(name: str, pointer: str = "") -> Json:
    """Return the part of schema `name` that a JSON pointer names."""
    node: Json = load_schema(name)
    for token in split_pointer(pointer):
        if isinstance(node, dict) and token in node:
            node = node[token]
        elif isinstance(node, list) and token.isdigit() and int(token) < len(node):
            node = node[int(token)]
        else:
            raise SchemaNotFoundError(f"schema `{name}` has nothing at `{pointer}`")
    return node


def resolve_reference(name: str, reference: str) -> tuple[str, str]:
    """Return name and pointer of a `$ref` that stands in schema `name`.

    A reference to another file is relative to the folder of the file it stands in.
    """
    file, _, pointer = reference.partition("#")
    if not file:
        return name, unquote(pointer)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), file))
    return target.removesuffix(SUFFIX), unquote(pointer)


def split_pointer(pointer: str) -> list[str]:
    """Return the unescaped tokens of a JSON pointer."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def join_pointer(pointer: str, *tokens: str | int) -> str:
    """Return the pointer one or more steps below `pointer`."""
    escaped = (str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
    return "/".join((pointer, *escaped))
