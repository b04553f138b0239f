"""Whether a value of one shape can stand where another is wanted. Only what is surely wrong counts."""

from __future__ import annotations

from dataclasses import dataclass

from ccproxy.shapes.nodes import Kind, Node, Scalar, Value
from ccproxy.shapes.shape import Shape

WORDS: dict[Kind, str] = {
    "object": "an object",
    "array": "an array",
    "string": "text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "null": "null",
}
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why it cannot be: `outside` lists values that the target does not have; without them the kind is wrong.

    What is not `sure` is wrong for some values only.
    """

    found: str
    wanted: str
    outside: tuple[Scalar, ...] = ()
    allowed: tuple[str, ...] = ()
    sure: bool = True


def mismatch(value: Shape, wanted: Shape, depth: int = DEEPEST) -> Mismatch | None:
    """What is surely wrong about the value. Null and nothing are left out of what is written."""
    value = value.without("null")
    if value.is_any or value.is_nothing or wanted.is_any or wanted.is_nothing:
        return None
    if not _widened(value.kinds()) & _widened(wanted.kinds()):
        return Mismatch(describe(value), describe(wanted))
    if outside := values_outside(value, wanted):
        return Mismatch(describe(value), describe(wanted), outside, names_in(wanted))
    if other := _widened(value.kinds()) - _widened(wanted.kinds()):
        return Mismatch(describe(Shape.of(*other)), describe(wanted), sure=False)
    if value.kinds() == {"object"} and depth and not _some_object_fits(value, wanted, depth):
        return Mismatch("another object", "its own fields")
    if value.kinds() == {"array"} and depth:
        return mismatch(value.items(), wanted.only("array").items(), depth - 1)
    return None


def values_outside(value: Shape, wanted: Shape) -> tuple[Scalar, ...]:
    """Literals of a value that the target does not allow."""
    open_kinds = _widened(
        frozenset(kind for node in wanted.nodes if not isinstance(node, Value) for kind in node.kinds)
    )
    return tuple(
        node.value
        for node in sorted(value.without("null").nodes, key=str)
        if isinstance(node, Value) and node not in wanted.nodes and not _widened(node.kinds) & open_kinds
    )


def names_in(shape: Shape) -> tuple[str, ...]:
    """The words that a shape allows."""
    return tuple(sorted(word for word in shape.literals() if isinstance(word, str)))


def describe(shape: Shape) -> str:
    """A shape in words: text, an array or an object."""
    kinds = shape.without("null").kinds() or shape.kinds()
    words = [WORDS[kind] for kind in WORDS if kind in kinds and not (kind == "integer" and "number" in kinds)]
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def _widened(kinds: frozenset[Kind]) -> frozenset[Kind]:
    return kinds | {"number", "integer"} if kinds & {"number", "integer"} else kinds


def _some_object_fits(value: Shape, wanted: Shape, depth: int) -> bool:
    targets = [node for node in wanted.nodes if "object" in node.kinds]
    return any(_object_fits(mine, theirs, depth) for mine in value.nodes for theirs in targets)


def _object_fits(mine: Node, theirs: Node, depth: int) -> bool:
    """Whether every required field of both sides can meet its counterpart."""
    value, wanted = Shape(frozenset((mine,))), Shape(frozenset((theirs,)))
    if not wanted.property_names() or not value.property_names():
        return True
    for name in value.property_names() | wanted.property_names():
        here, there = value.property(name), wanted.property(name)
        if here.required and not there.known:
            return False
        if there.required and not here.known:
            return False
        if here.required and there.required and mismatch(here.shape, there.shape, depth - 1):
            return False
    return True
