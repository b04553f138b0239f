"""What is known where a test holds, and where it does not.

    type = 'x'             picks the alternatives of the current value with that type
    $type(content) = 'string'     leaves of `content` only text
    error                  drops the alternatives that have no such field

A place is a path of plain names, from the current value or from a variable.
"""

from __future__ import annotations

from collections.abc import Iterable

from ccproxy.expr import syntax as s
from ccproxy.expr.check.environment import CONTEXT, Environment, Place
from ccproxy.shapes.expansion import field_of
from ccproxy.shapes.nodes import Kind, Node, Scalar, literal_node
from ccproxy.shapes.shape import Shape, union

_KINDS: dict[str, tuple[Kind, ...]] = {
    "string": ("string",),
    "number": ("number", "integer"),
    "boolean": ("boolean",),
    "null": ("null",),
    "array": ("array",),
    "object": ("object",),
}
# What counts as false may be false or zero rather than missing.
_MAY_BE_FALSE = frozenset(("boolean", "number", "integer"))
Pair = tuple[Environment, Environment]


def narrowed(test: s.Node, env: Environment) -> Pair:
    """The environments where the test holds, and where it does not."""
    match test:
        case s.Block(items=(only,)):
            return narrowed(only, env)
        case s.Binary(operator="and", left=left, right=right):
            return narrowed(right, narrowed(left, env)[0])[0], env
        case s.Binary(operator="or", left=left, right=right):
            return env, narrowed(right, narrowed(left, env)[1])[1]
        case s.Binary(operator="=" | "in", left=left, right=right):
            return _compared(left, words_of(right), env)
        case s.Binary(operator="!=", left=left, right=right):
            equal, different = _compared(left, words_of(right), env)
            return different, equal
        case s.Call(function="not", arguments=(only,)):
            holds, fails = narrowed(only, env)
            return fails, holds
        case s.Call(function="exists", arguments=(only,)):
            return _present(only, env), _absent(only, env)
        case s.Path() | s.Variable():
            place = place_of(test)
            says_more = place is None or shape_at(place, env).kinds() & _MAY_BE_FALSE
            return _present(test, env), env if says_more else _absent(test, env)
        case _:
            return env, env


def words_of(node: s.Node) -> list[Scalar]:
    """The literals on the right of a comparison; none when it is anything else."""
    nodes = node.items if isinstance(node, s.ArrayOf) else (node,)
    words = [each.value for each in nodes if isinstance(each, s.Literal)]
    return words if len(words) == len(nodes) else []


def _compared(subject: s.Node, words: list[Scalar], env: Environment) -> Pair:
    return (where_equal(subject, words, env), where_other(subject, words, env)) if words else (env, env)


def where_equal(subject: s.Node, words: Iterable[Scalar], env: Environment) -> Environment:
    """Where the subject is one of the words."""
    if (place := type_test(subject)) is not None:
        kinds = [kind for word in words for kind in _KINDS.get(str(word), ())]
        shape = shape_at(place, env)
        return env if shape.is_any else refine(place, shape.only(*kinds), env)
    place = place_of(subject)
    if place is None:
        return env
    if not place[1:]:
        return refine(place, Shape.literal(*words), env)
    words = list(words)
    if not any(word is None for word in words):
        env = _leave(place, {literal_node(word) for word in words}, env, keep=True)
    owner = shape_at(place[:-1], env)
    if owner.is_any:
        return env
    return refine(place[:-1], union(*(owner.narrow(place[-1], word) for word in words)), env)


def where_other(subject: s.Node, words: Iterable[Scalar], env: Environment) -> Environment:
    """Where the subject is none of the words."""
    if (place := type_test(subject)) is not None:
        kinds = [kind for word in words for kind in _KINDS.get(str(word), ())]
        return refine(place, shape_at(place, env).without(*kinds), env)
    place = place_of(subject)
    if place is None or not place[1:]:
        return env
    words = list(words)
    env = _leave(place, {literal_node(word) for word in words}, env, keep=False)
    owner = shape_at(place[:-1], env)
    return refine(place[:-1], owner.exclude(place[-1], words), env)


def _leave(place: Place, words: set[Node], env: Environment, *, keep: bool) -> Environment:
    """Of a field with a closed set of values leave those in `words`, or the others."""
    shape = shape_at(place, env)
    if shape.without("null").enum() is None:
        return env
    left = Shape(frozenset(node for node in shape.nodes if (node in words) == keep))
    return env if left.is_nothing else refine(place, left, env)


def where_nothing(subject: s.Node, env: Environment) -> Environment:
    """Where the subject is missing or null."""
    place = place_of(subject)
    if place is None or not place[1:]:
        return env
    owner = shape_at(place[:-1], env)
    if owner.is_any:
        return env
    kept = [node for node in owner.nodes if not _always_there(Shape(frozenset((node,))), place[-1])]
    return refine(place[:-1], Shape(frozenset(kept)), env)


def _always_there(owner: Shape, field: str) -> bool:
    found = owner.property(field)
    return found.known and found.required and not found.shape.is_any and "null" not in found.shape.kinds()


def _present(node: s.Node, env: Environment) -> Environment:
    place = place_of(node)
    if place is None:
        return env
    shape = shape_at(place, env).without("null")
    if place[1:]:
        owner = shape_at(place[:-1], env)
        kept = frozenset(each for each in owner.nodes if (found := field_of(each, place[-1])) and found.known)
        if kept and kept != owner.nodes:
            env = refine(place[:-1], Shape(kept), env)
    return refine(place, shape, env) if not shape.is_nothing else env


def _absent(node: s.Node, env: Environment) -> Environment:
    """A field that is not there, or empty. The current value itself is always something."""
    place = place_of(node)
    if place is None or place == (CONTEXT,) or shape_at(place, env).is_any:
        return env
    env = env.widened(place, shape_at(place, env))
    return env.know(place, Shape.nothing()) if place[1:] else env.narrow_variable(place[0], Shape.nothing())


def place_of(node: s.Node) -> Place | None:
    """The place that a path of plain names leads to."""
    if isinstance(node, s.Variable):
        return (node.name,) if node.name != "$" else None
    if not isinstance(node, s.Path) or node.keep or any(step.stages for step in node.steps):
        return None
    first, *rest = (step.node for step in node.steps)
    names = [step.name for step in rest if isinstance(step, s.Name)]
    if len(names) < len(rest):
        return None
    if isinstance(first, s.Name):
        return (CONTEXT, first.name, *names)
    return (first.name, *names) if isinstance(first, s.Variable) and first.name != "$" else None


def type_test(node: s.Node) -> Place | None:
    """The place whose kind `$type(place)` asks for."""
    if isinstance(node, s.Call) and node.function == "type" and len(node.arguments) == 1:
        return place_of(node.arguments[0])
    return None


def shape_at(place: Place, env: Environment) -> Shape:
    """What is known of a place."""
    known = env.refined.get(place)
    if known is not None:
        return known
    if not place[1:]:
        return env.context if place[0] == CONTEXT else env.variables.get(place[0], Shape.any())
    owner = shape_at(place[:-1], env)
    if owner.is_any or "array" in owner.kinds():
        return Shape.any()
    found = owner.property(place[-1])
    return found.shape if found.known else Shape.any()


def refine(place: Place, shape: Shape, env: Environment) -> Environment:
    """The environment with more known of one place. Nothing left means a mistake, reported elsewhere."""
    before = shape_at(place, env)
    if shape == before:
        return env
    env = env.widened(place, before)
    if place == (CONTEXT,):
        return env.narrow_context(shape)
    if not place[1:]:
        return env.narrow_variable(place[0], shape)
    return env.know(place, shape)
