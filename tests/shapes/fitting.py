"""How a JSON document fits a shape: fields, kinds and literals that the shape does not know."""

from __future__ import annotations

from collections.abc import Iterator

from ccproxy.jsontypes import Json
from ccproxy.shapes.nodes import kind_of
from ccproxy.shapes.shape import Shape

DISCRIMINATORS = ("type", "role", "object", "kind")


def misfits(value: Json, shape: Shape, path: str = "") -> Iterator[str]:
    """Yield one line per place, with array indexes left out, where the document says what the shape does not."""
    if shape.is_any:
        return
    kind = kind_of(value)
    if kind not in shape.kinds() and not (kind == "integer" and "number" in shape.kinds()):
        yield f"{path}: {kind} instead of {'|'.join(sorted(shape.kinds()))}"
    elif isinstance(value, dict):
        yield from _misfits_of_fields(value, choose(value, shape.only("object")), path)
    elif isinstance(value, list):
        for item in value:
            yield from misfits(item, shape.items(), f"{path}[]")
    elif (literals := shape.only(kind).enum()) is not None and value not in literals:
        yield f"{path}: literal {value!r}"


def _misfits_of_fields(value: dict[str, Json], shape: Shape, path: str) -> Iterator[str]:
    for name, item in value.items():
        field = shape.property(name)
        here = f"{path}.{name}" if path else name
        if not field.known:
            yield f"{here}: unknown"
        elif item is not None or field.required:
            yield from misfits(item, field.shape, here)
    for name in shape.property_names() - value.keys():
        if shape.property(name).required:
            yield f"{path}.{name}: missing" if path else f"{name}: missing"


def choose(value: dict[str, Json], shape: Shape) -> Shape:
    """Return the alternatives that the literals in the document point to; all of them when they point nowhere."""
    for name in DISCRIMINATORS:
        said = value.get(name)
        if name in value and (isinstance(said, str) or said is None):
            shape = _or(shape.narrow(name, said), shape)
        elif name not in value:
            shape = _or(shape.narrow(name, None), shape)
    return shape


def _or(first: Shape, second: Shape) -> Shape:
    return second if first.is_nothing else first
