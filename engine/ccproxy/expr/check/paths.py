"""Paths and predicates against shapes. Paths run over arrays, so `messages.role` is a field of every message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.suggest import closest
from ccproxy.expr import syntax as s
from ccproxy.expr.check.environment import CONTEXT, Environment, Place
from ccproxy.expr.check.narrowing import narrowed
from ccproxy.expr.check.problems import suggestion
from ccproxy.shapes.shape import Shape, union

if TYPE_CHECKING:
    from ccproxy.expr.check.checker import Checker

# Arrays inside arrays are looked into this deep; schemas may nest without end.
_DEPTH = 4


def path(checker: Checker, node: s.Path, env: Environment) -> Shape:
    """The shape that a path leads to."""
    shape, many = env.context, False
    place: Place = (CONTEXT,)
    for position, step in enumerate(node.steps):
        place = _next_place(place, step.node, position)
        if isinstance(step.node, s.Name):
            shape, over_array = _field(checker, node, position, shape, env, place)
            shape = env.refined.get(place, shape)
        elif position == 0:
            shape, over_array = checker.shape(step.node, env), False
        else:
            elements, over_array = targets(shape), "array" in shape.kinds()
            shape = checker.shape(step.node, env.at(elements))
        picked = False  # by predicates of this step; an index after them picks one
        for stage in step.stages:
            shape, picked = _filtered(checker, stage, shape, env)
            place = ()
        many = many or over_array or picked
    return _collected(shape, many, node.keep)


def _next_place(place: Place, step: s.Node, position: int) -> Place:
    """The place after a step; nowhere once a step is more than a name."""
    if isinstance(step, s.Name):
        return (*place, step.name) if place else ()
    return (step.name,) if isinstance(step, s.Variable) and position == 0 and step.name != "$" else ()


def filtered(checker: Checker, node: s.Filtered, env: Environment) -> Shape:
    """The shape of anything else with predicates."""
    shape, many = checker.shape(node.node, env), False
    for predicate in node.predicates:
        shape, many = _filtered(checker, predicate, shape, env)
    return _collected(shape, many, False)


def targets(shape: Shape, depth: int = _DEPTH) -> Shape:
    """What a step runs over: the shape itself, arrays replaced by what they hold."""
    if shape.is_any or "array" not in shape.kinds() or not depth:
        return shape
    return union(shape.without("array"), targets(shape.items(), depth - 1))


def _field(
    checker: Checker, node: s.Path, position: int, shape: Shape, env: Environment, place: Place
) -> tuple[Shape, bool]:
    """A field of a step's value. Tests may ask for fields that the value had before other tests narrowed it."""
    step = node.steps[position].node
    over_array = not shape.is_any and "array" in shape.kinds()
    elements = targets(shape)
    if not isinstance(step, s.Name) or elements.is_any or elements.is_nothing:
        return Shape.any(), over_array
    checker.note_read(elements, step.name)
    found = elements.property(step.name)
    wide = env.wide.get(place[:-1]) if place else None
    asked = checker.testing and wide is not None and wide.property(step.name).known
    if not asked and (not found.known or _is_slip(step.name, elements)):
        _unknown_field(checker, node, position, elements)
        return Shape.any(), over_array
    if step.name in elements.property_names():
        checker.note_sound(step)
    shape = _known_better(elements, step.name, env) or found.shape
    return Shape.any() if shape.is_nothing else shape, over_array


def _is_slip(name: str, elements: Shape) -> bool:
    """Whether an object that may have any field lacks this one, but has another of nearly this name."""
    names = elements.property_names()
    return name not in names and closest(name, names) is not None


def _known_better(elements: Shape, name: str, env: Environment) -> Shape | None:
    shapes = [env.fields[node, name] for node in elements.nodes if (node, name) in env.fields]
    return union(*shapes) if shapes and len(shapes) == len(elements.without("null").nodes) else None


def _unknown_field(checker: Checker, node: s.Path, position: int, elements: Shape) -> None:
    step = node.steps[position].node
    name = step.name if isinstance(step, s.Name) else ""
    owner = _owner(node, position)
    kinds = sorted(elements.without("null").kinds())
    if "object" not in kinds:
        what = f"{owner} is {' or '.join(_article(kind) for kind in kinds)}" if kinds else f"{owner} is null"
        checker.report("X305", f"unknown source path: {what}, which has no field `{name}`", step)
        return
    help_text = suggestion(name, elements.property_names(), what="fields")
    checker.report("X305", f"unknown source path: {owner} has no field `{name}`", step, help_text)


def _owner(node: s.Path, position: int) -> str:
    names = []
    for step in node.steps[:position]:
        if isinstance(step.node, s.Name):
            names.append(step.node.name)
        elif isinstance(step.node, s.Variable):
            names.append(f"${step.node.name}")
        else:
            names.append("(…)")
    return f"`{'.'.join(names)}`" if names else "the current value"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _filtered(checker: Checker, predicate: s.Node, shape: Shape, env: Environment) -> tuple[Shape, bool]:
    """What a predicate leaves, and whether that may be several; a number picks one."""
    items = shape if shape.is_any or "array" not in shape.kinds() else union(shape.without("array"), shape.items())
    inner = env.at(items)
    result = checker.test(predicate, inner)
    is_index = not result.is_any and not result.is_nothing and result.kinds() <= {"number", "integer"}
    return narrowed(predicate, inner)[0].context, not is_index


def _collected(shape: Shape, many: bool, keep: bool) -> Shape:
    """The result of a path that ran over arrays: one found value, or an array of them."""
    if shape.is_any or not (many or keep):
        return shape
    items = union(shape.without("array"), shape.items()) if "array" in shape.kinds() else shape
    return Shape.array(items) if keep else union(items, Shape.array(items))
