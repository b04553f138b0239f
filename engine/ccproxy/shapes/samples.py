"""Small values of a shape: together they have every field, every literal and every alternative at least once.

The same shape gives the same values, in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ccproxy.shapes.expansion import elements_of, field_of, fields_of
from ccproxy.shapes.nodes import Anything, Node, Plain, SchemaNode, Value

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.shapes.shape import Shape

DEEPEST: Final = 7
MOST_OF_A_FIELD: Final = 400
# Texts that rules take apart, by a word of the field's name.
TEXTS: Final = {
    "url": ("https://example.org/picture.png", "data:image/png;base64,aGk="),
    "uri": ("https://example.org/picture.png", "data:image/png;base64,aGk="),
    "data": ("aGk=",),
    "arguments": ('{"a": 1}', "{broken"),
    "json": ('{"a": 1}',),
    "input": ("input", '{"a": 1}'),
    "time": ("2026-01-02T03:04:05Z",),
    "_at": ("2026-01-02T03:04:05Z",),
    "mime": ("image/png", "application/pdf", "audio/wav", "video/mp4", "text/plain"),
    "media_type": ("image/png", "application/pdf", "audio/wav", "video/mp4", "text/plain"),
}


def samples(shape: Shape) -> Iterator[Json]:
    """Values of the shape; each says one thing that those before do not."""
    for node in _ordered(shape.nodes):
        yield from _values(node, "value", ())


def whole_sample(shape: Shape, depth: int = 4) -> Json:
    """One value with all that may stand beside each other, as deep as asked for."""
    node = next(iter(_ordered(shape.nodes)), None)
    return None if node is None else _whole(node, "value", depth)


def _values(node: Node, name: str, above: tuple[Node, ...]) -> Iterator[Json]:
    if isinstance(node, SchemaNode) and node.kind == "object":
        yield from _objects(node, above)
    elif isinstance(node, SchemaNode):
        yield from _arrays(node, name, above)
    else:
        yield from _plain(node, name)


def _plain(node: Node, name: str) -> Iterator[Json]:
    if isinstance(node, Value):
        yield node.value
        return
    kind = node.kind if isinstance(node, Plain) else "object"
    match kind:
        case "string":
            yield from _texts(name)
        case "integer":
            yield from (len(name) + 1, 0)
        case "number":
            yield from (0.5, 0)
        case "boolean":
            yield from (True, False)
        case "array":
            yield ["item"]
        case "object":
            yield {"key": "value"}
            if isinstance(node, Anything):
                yield "text"
        case _:
            yield None


def _texts(name: str) -> Iterator[str]:
    for word, texts in TEXTS.items():
        if word in name.lower():
            yield from texts
    yield name
    yield ""


def _objects(node: SchemaNode, above: tuple[Node, ...]) -> Iterator[Json]:
    """What must be there, then each field with each of its values beside that."""
    base = _base(node, above)
    yield base
    if node in above or len(above) >= DEEPEST:
        return
    names = sorted(fields_of(node))
    yield {**base, **{name: value for name in names if (value := _first(node, name, (*above, node))) is not None}}
    for name in names:
        found = field_of(node, name)
        for number, value in enumerate(_of_nodes(found.nodes if found else (), name, (*above, node))):
            if number >= MOST_OF_A_FIELD:
                break
            if value != base.get(name):
                yield {**base, name: value}


def _base(node: SchemaNode, above: tuple[Node, ...]) -> JsonObject:
    required = [name for name in sorted(fields_of(node)) if (found := field_of(node, name)) and found.required]
    return {name: _first(node, name, (*above, node)) for name in required}


def _first(node: SchemaNode, name: str, above: tuple[Node, ...]) -> Json:
    found = field_of(node, name)
    for inner in _ordered(found.nodes if found else ()):
        if isinstance(inner, SchemaNode) and inner in above:
            continue
        if isinstance(inner, SchemaNode) and inner.kind == "object":
            return _base(inner, above)
        return next(_values(inner, name, above), None)
    return None


def _of_nodes(nodes: frozenset[Node] | tuple[Node, ...], name: str, above: tuple[Node, ...]) -> Iterator[Json]:
    for node in _ordered(nodes):
        yield from _values(node, name, above)


def _arrays(node: SchemaNode, name: str, above: tuple[Node, ...]) -> Iterator[Json]:
    if node in above or len(above) >= DEEPEST:
        yield []
        return
    for value in _of_nodes(elements_of(node), name, (*above, node)):
        yield [value]
    yield []


def _whole(node: Node, name: str, depth: int) -> Json:
    if isinstance(node, SchemaNode) and node.kind == "object":
        if not depth:
            return _base(node, (node,))
        fields = {each: field_of(node, each) for each in sorted(fields_of(node))}
        return {
            each: _whole(next(iter(_ordered(found.nodes))), each, depth - 1)
            for each, found in fields.items()
            if found and found.nodes
        }
    if isinstance(node, SchemaNode):
        inner = _ordered(elements_of(node))
        return [_whole(each, name, depth - 1) for each in inner] if depth else []
    return next(_plain(node, name))


def _ordered(nodes: frozenset[Node] | tuple[Node, ...]) -> list[Node]:
    """Alternatives in the order of the schema, null last."""
    return sorted(nodes, key=lambda node: (node.kinds == {"null"}, isinstance(node, Anything), str(node)))
