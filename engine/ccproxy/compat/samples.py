"""Worked examples: arguments that a tool's schema lets through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ccproxy.compat.typed import kinds_of, resolve

if TYPE_CHECKING:
    from ccproxy.compat.toolbox import CallableTool
    from ccproxy.jsontypes import Json

DEEPEST: Final = 4
FEW: Final = 4
_FORMATS: Final = {
    "date": "2025-01-31", "date-time": "2025-01-31T12:00:00Z", "time": "12:00:00", "email": "ada@example.com",
    "uri": "https://example.com", "url": "https://example.com", "uuid": "123e4567-e89b-12d3-a456-426614174000",
}  # fmt: skip


def example_tools(tools: Sequence[CallableTool], first: str = "") -> list[CallableTool]:
    """Two tools to show calls of: the one that must be called, then those with some but few required arguments."""
    return sorted(tools, key=lambda tool: (tool.name != first, not 0 < len(tool.required) <= FEW))[:2]


def sample_arguments(tool: CallableTool) -> dict[str, Json]:
    """The required arguments, or the first one where none is."""
    names = [name for name in tool.required if name in tool.properties] or list(tool.properties)[:1]
    return {name: sample(tool.properties[name], tool.parameters, name) for name in names}


def sample(schema: Json, root: Json, name: str, depth: int = 0) -> Json:
    """A value that a schema lets through, as far as that can be told."""
    schema = resolve(schema, root)
    if not isinstance(schema, dict) or depth > DEEPEST:
        return f"some {_words(name)}"
    if "const" in schema:
        return schema["const"]
    for word in ("examples", "enum"):
        listed = schema.get(word)
        if isinstance(listed, list) and listed:
            return listed[0]
    if schema.get("default") is not None:
        return schema["default"]
    for word in ("anyOf", "oneOf", "allOf"):
        branches = schema.get(word)
        if isinstance(branches, list) and branches:
            return sample(branches[0], root, name, depth + 1)
    return _of_kind(schema, root, name, depth)


def _of_kind(schema: Mapping[str, Json], root: Json, name: str, depth: int) -> Json:
    kinds = kinds_of(dict(schema), root)
    if "object" in kinds:
        return _object(schema, root, depth)
    if "array" in kinds:
        items = schema.get("items")
        return [sample(items, root, name.removesuffix("s"), depth + 1)] if isinstance(items, dict) else []
    if kinds & {"integer", "number"} and "string" not in kinds:
        least = schema.get("minimum")
        return least if isinstance(least, int | float) else 1
    if "boolean" in kinds and "string" not in kinds:
        return True
    return _FORMATS.get(str(schema.get("format")), f"some {_words(name)}")


def _object(schema: Mapping[str, Json], root: Json, depth: int) -> dict[str, Json]:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict):
        return {}
    names = (
        [str(name) for name in required if name in properties] if isinstance(required, list) else list(properties)[:1]
    )
    return {name: sample(properties[name], root, name, depth + 1) for name in names}


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip() or "text"
