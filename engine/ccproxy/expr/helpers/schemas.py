"""Helpers on JSON Schemas as data."""

from __future__ import annotations

from dataclasses import dataclass, field

from ccproxy.expr.emission.code import Kind
from ccproxy.expr.helpers.registry import always, helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

MOST_REFERENCES = 1000  # definitions that name each other many times would grow without end

_DEFINITIONS = ("$defs", "definitions")
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas"})
_LITERALS = frozenset({"default", "const", "enum", "example", "examples", "required"})


@helper(returns=always("object"), kinds=Kind.OBJECT | Kind.MISSING)
def inline_refs(schema: Json, depth: Json = 3) -> Value:
    """Gives a JSON Schema without `$ref`: each becomes what it names, and the definitions go.

    Inside itself a definition is written out `depth` times more; what is deeper, unknown or elsewhere becomes
    `{"type": "object"}`. Keywords beside a `$ref` win over those of its definition.
    `$inline_refs({"$ref": "#/$defs/A", "$defs": {"A": {"type": "string"}}})` is `{"type": "string"}`
    """
    if not isinstance(schema, dict):
        return MISSING
    if not _has_reference(schema):
        return schema
    return _Inliner(schema, depth if isinstance(depth, int) else 3).schema(schema)


def _has_reference(value: Json) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get("$ref"), str) or any(map(_has_reference, value.values()))
    return isinstance(value, list) and any(map(_has_reference, value))


@dataclass(slots=True)
class _Inliner:
    """State of one inlining: the references that are being written out, and how many there were."""

    root: dict[str, Json]
    depth: int
    within: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def schema(self, value: dict[str, Json]) -> dict[str, Json]:
        reference = value.get("$ref")
        kept = {
            name: self._keyword(name, inner)
            for name, inner in value.items()
            if name != "$ref" and not (name in _DEFINITIONS and isinstance(inner, dict))
        }
        return {**self._named(reference), **kept} if isinstance(reference, str) else kept

    def _keyword(self, name: str, value: Json) -> Json:
        if name in _LITERALS:
            return value
        if name in _MAPS and isinstance(value, dict):
            return {key: self._any(inner) for key, inner in value.items()}
        return self._any(value)

    def _any(self, value: Json) -> Json:
        if isinstance(value, dict):
            return self.schema(value)
        return [self._any(item) for item in value] if isinstance(value, list) else value

    def _named(self, reference: str) -> dict[str, Json]:
        found = _find(self.root, reference)
        before = self.within.get(reference, 0)
        self.count += 1
        if not isinstance(found, dict) or before > self.depth or self.count > MOST_REFERENCES:
            return {"type": "object"}
        self.within[reference] = before + 1
        written = self.schema(found)
        self.within[reference] = before
        return written


def _find(root: Json, reference: str) -> Json:
    """What a reference inside the same document leads to, None for any other."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return None
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        root = root.get(name) if isinstance(root, dict) else None
    return root
