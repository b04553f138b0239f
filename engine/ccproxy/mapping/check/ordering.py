"""Where something missing would stand: beside its neighbour in the schema, whose order mappings mostly follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ccproxy.shapes.nodes import SchemaNode
from ccproxy.shapes.schemas import load_schema, schema_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.shapes.shape import Shape


def place_of_missing(missing: str, written: Sequence[tuple[str, Span]], order: Sequence[str]) -> Span | None:
    """The written name before which the missing one would stand: the one after its neighbour, in the file's order."""
    if missing not in order:
        return None
    place = order.index(missing)
    names = [name for name, _ in written]
    before = [name for name in order[:place] if name in names]
    if before:
        following = names.index(before[-1]) + 1
        return written[min(following, len(written) - 1)][1]
    after = [name for name in order[place + 1 :] if name in names]
    return written[names.index(after[0])][1] if after else None


def field_order(shape: Shape) -> list[str]:
    """The fields of objects as their schemas list them."""
    names: dict[str, None] = {}
    for node in shape.nodes:
        if isinstance(node, SchemaNode) and node.kind == "object":
            properties = cast("JsonObject", schema_at(node.schema, node.pointer)).get("properties")
            names.update(dict.fromkeys(properties if isinstance(properties, dict) else ()))
    return list(names)


def word_order(shape: Shape, words: Iterable[str]) -> list[str]:
    """Words as the schemas of this shape list them: in the enumeration that has most of them, or as constants."""
    wanted = set(words)
    best: list[str] = []
    constants: list[str] = []
    for name in sorted({node.schema for node in shape.nodes if isinstance(node, SchemaNode)}):
        for found in _word_lists(load_schema(name)):
            if len(found) == 1:
                constants += found
            elif len(wanted & set(found)) > len(wanted & set(best)):
                best = found
    listed = list(dict.fromkeys(word for word in constants if word in wanted))
    return listed if len(listed) > len(wanted & set(best)) else best


def _word_lists(schema: Json) -> Iterator[list[str]]:
    if isinstance(schema, list):
        for item in schema:
            yield from _word_lists(item)
    elif isinstance(schema, dict):
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if isinstance(values, list):
            yield [str(value) for value in values]
        for value in schema.values():
            yield from _word_lists(value)
