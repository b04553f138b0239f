"""Values that a wire schema allows, drawn by hypothesis.

A small generator of our own: schemas here know nine keywords, are recursive and large, and most of what they allow is
optional. Objects get a few optional fields, unions prefer the alternatives that traffic is made of, and what lies too
deep becomes the smallest value there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

from ccproxy.shapes.schemas import load_schema, resolve_reference, schema_at
from properties.schema_texts import ANYTHING, text_for

Schema = dict[str, Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

DEPTH = 9
OPTIONAL = 5
ITEMS = 3
# Alternatives that most traffic consists of; the others are drawn as often as all of these together.
USUAL = {
    *("text", "image", "image_url", "document", "thinking", "redacted_thinking", "tool_use", "tool_result"),
    *("message", "input_text", "output_text", "input_image", "reasoning", "summary_text", "reasoning_text"),
    *("function", "custom", "function_call", "function_call_output", "custom_tool_call", "refusal"),
    *("text_delta", "thinking_delta", "signature_delta", "input_json_delta"),
}
# Fields without which a message says nothing, and fields that make of it something else altogether.
TELLING = {
    *("choices", "candidates", "message", "delta", "content", "parts", "contents", "messages", "input", "role"),
    *("finish_reason", "finishReason"),
}
RARE = {"error", "conversation", "previous_response_id", "background", "thread", "promptFeedback"}
CHANCE = {parts: st.sampled_from([False] * (parts - 1) + [True]) for parts in (2, 8, 30)}
COUNTS = [st.integers(0, most) for most in range(64)]
INTEGERS = st.sampled_from([0, 1, 2, 3, 5, 17, 100, 4096, 31_999, -1, 1_758_000_000, 2**53 - 1])
NUMBERS = st.sampled_from([0.0, 1.0, 0.5, 2.0, 0.1, 1.7, -0.25, 1, 0, 1e-7, 12345.678])


@dataclass(slots=True)
class Source:
    """One schema file, from which values are drawn."""

    name: str
    fitting: dict[tuple[int, int], bool] = field(default_factory=dict)

    def value(self, draw: Draw, schema: Schema, name: str = "", depth: int = DEPTH) -> Any:
        """Draw a value for the field `name`, `depth` steps above the deepest."""
        schema = self.followed(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return draw(st.sampled_from(schema["enum"]))
        if "anyOf" in schema:
            return self.value(draw, self.alternative(draw, schema["anyOf"], depth), name, depth)
        kinds = schema.get("type", () if "properties" not in schema else "object")
        if not kinds:
            return draw(ANYTHING)
        kind = kinds if isinstance(kinds, str) else self.kind(draw, kinds, schema, depth)
        return self.of_kind(draw, kind, schema, name, depth)

    def of_kind(self, draw: Draw, kind: str, schema: Schema, name: str, depth: int) -> Any:
        match kind:
            case "object":
                return self.object(draw, schema, depth)
            case "array":
                return self.array(draw, schema, name, depth)
            case "string":
                return draw(text_for(name))
            case "boolean":
                return draw(CHANCE[2])
            case "null":
                return None
        return draw(INTEGERS if kind == "integer" else NUMBERS)

    def kind(self, draw: Draw, kinds: list[str], schema: Schema, depth: int) -> str:
        """One of several kinds; null, which clients rarely write, not often."""
        possible = [k for k in kinds if k != "null" and self.fits({**schema, "type": k}, depth)]
        if "null" in kinds and (not possible or draw(CHANCE[8])):
            return "null"
        return possible[draw(COUNTS[len(possible) - 1])] if len(possible) > 1 else possible[0]

    def object(self, draw: Draw, schema: Schema, depth: int) -> Any:
        properties: dict[str, Schema] = schema.get("properties", {})
        more = schema.get("additionalProperties")
        if not properties:
            inner = more if isinstance(more, dict) and more else None
            return draw(ANYTHING_IN_OBJECT) if inner is None else self.entries(draw, inner, depth)
        required = schema.get("required", [])
        chosen = [*required, *self.some(draw, [n for n in properties if n not in required], properties, depth)]
        return {n: self.value(draw, properties.get(n, {}), n, depth - 1) for n in chosen}

    def some(self, draw: Draw, optional: list[str], properties: dict[str, Schema], depth: int) -> Iterable[str]:
        possible = [n for n in optional if self.fits(properties[n], depth - 1)]
        for name in [n for n in possible if n in TELLING or n in RARE]:
            possible.remove(name)
            if draw(CHANCE[30]) == (name in RARE):
                yield name
        for _ in range(draw(COUNTS[min(len(possible), OPTIONAL)])):
            yield possible.pop(draw(COUNTS[min(len(possible) - 1, 63)]))

    def entries(self, draw: Draw, inner: Schema, depth: int) -> Any:
        names = draw(st.lists(st.sampled_from(["a", "user_id", "ü", "x-y", "type"]), max_size=2, unique=True))
        return {n: self.value(draw, inner, n, depth - 1) for n in names} if self.fits(inner, depth - 1) else {}

    def array(self, draw: Draw, schema: Schema, name: str, depth: int) -> list[Any]:
        items = schema.get("items", {})
        if not self.fits(items, depth - 1):
            return []
        size = 0 if draw(CHANCE[8]) else 1 + draw(COUNTS[ITEMS - 1])
        return [self.value(draw, items, name, depth - 1) for _ in range(size)]

    def alternative(self, draw: Draw, branches: list[Schema], depth: int) -> Schema:
        possible = [branch for branch in branches if self.fits(branch, depth)]
        usual = [branch for branch in possible if self.is_usual(branch)]
        if usual and draw(CHANCE[2]):
            possible = usual
        return possible[draw(COUNTS[len(possible) - 1])]

    def is_usual(self, branch: Schema) -> bool:
        said = self.followed(branch).get("properties", {}).get("type", {})
        return bool(USUAL & {said.get("const"), *said.get("enum", ())})

    def followed(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found = schema_at(*resolve_reference(self.name, schema["$ref"]))
            assert isinstance(found, dict)
            schema = found
        return schema

    def fits(self, schema: Schema, depth: int) -> bool:
        """Whether there is a value of at most so many steps."""
        key = (id(schema), depth)
        if key not in self.fitting or "type" in schema:
            self.fitting[key] = depth >= 0 and self.has_value(self.followed(schema), depth)
        return self.fitting[key]

    def has_value(self, schema: Schema, depth: int) -> bool:
        if "anyOf" in schema:
            return any(self.fits(branch, depth) for branch in schema["anyOf"])
        if schema.get("type") != "object":
            return True
        properties = schema.get("properties", {})
        return all(self.fits(properties.get(name, {}), depth - 1) for name in schema.get("required", ()))


ANYTHING_IN_OBJECT = st.dictionaries(st.sampled_from(["a", "city", "ü", "type"]), ANYTHING, max_size=2)


@cache
def source_of(name: str) -> Source:
    return Source(name)


def values(name: str, pointer: str = "") -> st.SearchStrategy[Any]:
    """What the schema `name` allows, or a place in it."""
    source, schema = source_of(name), schema_at(name, pointer)
    assert isinstance(schema, dict)

    @st.composite
    def drawn(draw: Draw) -> Any:
        return source.value(draw, schema)

    return drawn()


@cache
def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(load_schema(name))


def violations(name: str, value: Any) -> list[str]:
    """What the schema `name` has against a value: place and reason."""
    if validator(name).is_valid(value):
        return []
    found = validator(name).iter_errors(value)
    return [f"/{'/'.join(map(str, error.instance_path))}: {error.message}"[:600] for error in found]
