"""What every transform reads and must write, and the variables it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.mapping.check.target import Target
from ccproxy.shapes.schemas import has_schema, load_schema
from ccproxy.shapes.shape import Shape, shape_of, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ccproxy.mapping.model import Direction, Kind, Tree

UNIFIED = {"request": "request", "response": "response", "stream": "event", "error": "error"}


def source_shape(folder: str, kind: Kind, direction: Direction) -> Shape:
    """The values that a transform is given."""
    if direction == "from_unified":
        return shape_of(f"unified/{UNIFIED[kind]}")
    wire = wire_shape(folder, kind)
    if kind == "error":
        return union(wire, Shape.of("string"))  # a body that is no JSON
    if kind == "request":
        return wire
    return wire if wire.is_any else union(wire, wire_shape(folder, "error"))  # answers may be errors in disguise


def covered_shape(folder: str, kind: Kind, direction: Direction) -> Shape:
    """The part of the source of which every field must be read or dropped."""
    if direction == "from_unified":
        return shape_of(f"unified/{UNIFIED[kind]}")
    return wire_shape(folder, kind)


def target_of(folder: str, kind: Kind, direction: Direction) -> Target:
    """What a transform must write."""
    if direction == "from_unified":
        name = f"wire/{folder}/{kind}"
        return Target(wire_shape(folder, kind), _title(name), name, many=kind == "stream")
    if kind == "stream":
        return Target(_fragments(), "a unified fragment", "unified/fragment", many=True)
    name = f"unified/{UNIFIED[kind]}"
    return Target(shape_of(name), f"the unified {UNIFIED[kind]}", name)


def wire_shape(folder: str, kind: str) -> Shape:
    """The shape of a protocol's messages; any when no schema describes them."""
    name = f"wire/{folder}/{kind}"
    return shape_of(name) if has_schema(name) else Shape.any()


def _fragments() -> Shape:
    """One object may hold several fragments, each under the name of its kind."""
    every = shape_of("unified/fragment")
    names = every.property_names()
    return Shape.object({name: every.property(name).shape for name in names}, optional=names)


def _title(name: str) -> str:
    title = load_schema(name).get("title") if has_schema(name) else None
    folder, kind = name.split("/")[1:]
    return f"the {title.replace(':', '', 1)}" if isinstance(title, str) else f"the {kind} of {folder}"


def engine_variables(tree: Tree, folder: str, kind: Kind, direction: Direction) -> Mapping[str, Shape]:
    """The shapes of the variables that the engine binds. The other side's protocol is not known."""
    own_request = kind == "request" if direction == "to_unified" else kind != "request"
    towards_us = kind == "request" and direction == "from_unified"
    return {
        "request": wire_shape(folder, "request") if own_request else Shape.any(),
        "message": shape_of("unified/response") if direction == "from_unified" and kind != "request" else Shape.any(),
        "block": shape_of("unified/block"),
        "argument_texts": Shape.array(Shape.of("string")),
        "unified": shape_of("unified/request"),
        "estimate": Shape.of("integer"),
        "sequence": Shape.of("integer"),
        "status": Shape.of("integer"),
        "created": Shape.of("integer"),
        "source": Shape.of("string"),
        "model": Shape.of("string"),
        "target": _target_variable(tree, folder if towards_us else None),
    }


def _target_variable(tree: Tree, folder: str | None) -> Shape:
    names = capability_names(tree, [folder] if folder else tree.folders)
    capabilities = Shape.object(dict.fromkeys(names, Shape.any()), optional=names) if names else Shape.any()
    return Shape.object({"protocol": Shape.of("string"), "model": Shape.of("string"), "capabilities": capabilities})


def capability_names(tree: Tree, folders: Iterable[str]) -> set[str]:
    """Capabilities that protocols, quirks and providers declare; none when a protocol declares none."""
    names: set[str] = set()
    for name in folders:
        if name in tree.folders:
            declared = tree.folders[name].facts.get("capabilities")
            names |= set(declared) if isinstance(declared, dict) else set()
    if names:
        for quirk in tree.quirks.values():
            names |= set(quirk.capabilities)
    return names
