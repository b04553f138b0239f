"""Short, stable names for definitions, and one definition where an SDK has a request and a response twin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.traversal import DEFINITIONS, definitions, reference_name, rewrite


def drop_twins(schema: JsonObject, prefixes: Sequence[str]) -> JsonObject:
    """Drop from each union the response class of a block whose request class stands there too.

    SDKs accept their own response objects back in requests; on the wire both are the same.
    """

    def change(part: JsonObject) -> JsonObject:
        branches = part.get("anyOf")
        if not isinstance(branches, list):
            return part
        params = {_bare(name, prefixes) for branch in branches if (name := reference_name(branch)) and _is_param(name)}
        return {**part, "anyOf": [branch for branch in branches if not _is_twin(branch, params, prefixes)]}

    return rewrite(schema, change)


def _is_twin(branch: Json, params: set[str], prefixes: Sequence[str]) -> bool:
    name = reference_name(branch)
    return name is not None and not _is_param(name) and _bare(name, prefixes) in params


def shorten_names(schema: JsonObject, prefixes: Sequence[str]) -> JsonObject:
    """Rename definitions to the class name without module, prefix and `Param`, where that stays unique."""
    names = list(definitions(schema))
    shorter = Counter(_bare(name, prefixes) for name in names)
    new = {name: bare if shorter[bare := _bare(name, prefixes)] == 1 else _qualified(name) for name in names}
    return _rename(schema, new)


def _rename(schema: JsonObject, new: Mapping[str, str]) -> JsonObject:
    def change(part: JsonObject) -> JsonObject:
        name = reference_name(part)
        return {**part, "$ref": DEFINITIONS + new[name]} if name else part

    renamed = rewrite(schema, change)
    return {**renamed, "$defs": {new[name]: body for name, body in definitions(renamed).items()}}


def _bare(name: str, prefixes: Sequence[str]) -> str:
    bare = name.rsplit("__", 1)[-1]
    while bare.endswith(("Param", "Params")):
        bare = bare.removesuffix("s").removesuffix("Param")
    for prefix in prefixes:
        bare = bare.removeprefix(prefix) or bare
    return bare


def _qualified(name: str) -> str:
    *modules, own = name.split("__")
    module = "".join(word.capitalize() for word in modules[-1].split("_")) if modules else ""
    return f"{module.removesuffix('Param')}{own}"


def _is_param(name: str) -> bool:
    return name.endswith(("Param", "Params"))
