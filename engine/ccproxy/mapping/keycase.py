"""Field names of a client's request in one spelling, for protocols whose JSON readers take two.

max_output_tokens -> maxOutputTokens        everywhere but in the client's own data, which `keep` names
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

_SEAM: Final = re.compile(r"(?<=[^_])_([a-z0-9])")


def camel_body(body: JsonObject, keep: frozenset[str]) -> JsonObject:
    """`body` with camelCase names; itself when all are so already. What is under a name in `keep` stays as it is."""
    return body if _is_camel(body, keep) else _camel_object(body, keep)


def camel_name(name: str) -> str:
    """`generationConfig` for `generation_config`."""
    return _SEAM.sub(lambda match: match[1].upper(), name) if "_" in name else name


def _is_camel(value: Json, keep: frozenset[str]) -> bool:
    if isinstance(value, dict):
        return all(("_" not in name) and (name in keep or _is_camel(inner, keep)) for name, inner in value.items())
    return not isinstance(value, list) or all(_is_camel(item, keep) for item in value)


def _camel_object(value: JsonObject, keep: frozenset[str]) -> JsonObject:
    named = ((camel_name(name), inner) for name, inner in value.items())
    return {name: inner if name in keep else _camel(inner, keep) for name, inner in named}


def _camel(value: Json, keep: frozenset[str]) -> Json:
    if isinstance(value, dict):
        return _camel_object(value, keep)
    return [_camel(item, keep) for item in value] if isinstance(value, list) else value
