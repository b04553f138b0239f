"""Calls: the name, the number of arguments, their kinds, and the shape of the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.builtins import BUILTINS, FORBIDDEN
from ccproxy.expr.check.environment import Environment
from ccproxy.expr.check.paths import targets
from ccproxy.expr.check.problems import suggestion
from ccproxy.expr.helpers.catalogue import HELPERS
from ccproxy.shapes.shape import Shape, union

if TYPE_CHECKING:
    from ccproxy.expr.check.checker import Checker

Result = Callable[[list[Shape]], Shape]
_TEXT, _NUMBER = frozenset(("string",)), frozenset(("number", "integer"))
# Functions whose first argument is of one kind.
_TAKES = {
    **dict.fromkeys(("lowercase", "uppercase", "trim", "length", "pad", "substring", "substringBefore"), _TEXT),
    **dict.fromkeys(("substringAfter", "contains", "split", "replace", "match", "base64encode", "base64decode"), _TEXT),
    **dict.fromkeys(("floor", "ceil", "round", "abs", "sqrt", "power", "formatNumber", "formatBase"), _NUMBER),
}
_FIELDS_BY_NAME = {"without", "pick", "lookup"}
_TYPE_NAMES = ("null", "number", "string", "boolean", "array", "object", "function")
_OVER_ARRAY = {"map", "filter", "single", "sort"}
# Functions that only ask, and those whose result has what it took from the arguments in its shape.
_ASKS = {"exists", "not", "boolean", "type", "count", "not_empty"}
_PASSES = {
    "map", "filter", "single", "sort", "reverse", "append", "distinct", "clone", "as_list", "default", "lookup",
    "without", "pick", "strip_nulls",
}  # fmt: skip


def call(checker: Checker, node: s.Call, env: Environment) -> Shape:
    name = node.function
    if name in _OVER_ARRAY | {"each", "sift", "reduce"} and name not in env.functions:
        arguments = _higher_order(checker, node, env)
    else:
        arguments = [_look(checker, name)(argument, env) for argument in node.arguments]
    if name in _FIELDS_BY_NAME and len(node.arguments) == 2:
        _note_named(checker, node, arguments[0])
    if name in env.functions:
        return Shape.any()
    if name in env.tables:
        _count(checker, node, 1, 1)
        return _table_values(env, name)
    if name in HELPERS:
        helper = HELPERS[name]
        sound = _count(checker, node, helper.least, len(helper.parameters))
        if sound and name in ("without", "pick") and (names := _words(node.arguments[1])) is not None:
            return _reduced(arguments[0], set(names), keep=name == "pick")
        return helper.returns(arguments + [Shape.nothing()] * len(helper.parameters)) if sound else Shape.any()
    if name in BUILTINS:
        return _builtin(checker, node, arguments)
    _unknown(checker, node, env)
    return Shape.any()


def _look(checker: Checker, name: str) -> Callable[[s.Node, Environment], Shape]:
    if name in _ASKS:
        return checker.test
    return checker.shape if name in _PASSES else checker.carried


def _note_named(checker: Checker, node: s.Call, shape: Shape) -> None:
    """Note what `$without`, `$pick` and `$lookup` read, and report names that are no fields."""
    names = _words(node.arguments[1])
    owner = targets(shape)
    if names is None:
        checker.note_carried(owner)
        return
    words = node.arguments[1].items if isinstance(node.arguments[1], s.ArrayOf) else node.arguments[1:]
    if node.function == "without":
        checker.note_carried(owner, without=names)
    for word, name in zip(words, names, strict=True):
        found = owner.property(name)
        if not owner.is_any and "object" in owner.kinds() and not found.known:
            help_text = suggestion(name, owner.property_names(), what="fields")
            message = f"unknown source path: the value given to `${node.function}` has no field `{name}`"
            checker.report("X305", message, word, help_text)
            continue
        if name in owner.property_names():
            checker.note_sound(word)
        if node.function != "without":
            checker.note_read(owner, name)
            checker.note_carried(found.shape)


def _words(node: s.Node) -> list[str] | None:
    """The texts of a list of literals; nothing when they are computed."""
    nodes = node.items if isinstance(node, s.ArrayOf) else (node,)
    words = [each.value for each in nodes if isinstance(each, s.Literal) and isinstance(each.value, str)]
    return words if len(words) == len(nodes) else None


def _reduced(shape: Shape, names: set[str], *, keep: bool) -> Shape:
    """An object with only some of its fields, or without them."""
    declared = shape.property_names()
    if shape.is_any or not declared:
        return Shape.of("object")
    fields = {name: shape.property(name).shape for name in declared if (name in names) == keep}
    return Shape.object(fields, optional=fields)


def forgotten_dollar(checker: Checker, node: s.Path) -> bool:
    """Report a call such as `exists(x)`."""
    first = node.steps[0].node
    if len(node.steps) > 1 or not isinstance(first, s.Name):
        return False
    known = first.name in BUILTINS or first.name in HELPERS
    help_text = f"write `${first.name}(…)`" if known else suggestion(first.name, _names(), prefix="$", what="functions")
    checker.report("X302", f"call to `{first.name}` without `$`", first, help_text)
    return True


def _names() -> set[str]:
    return BUILTINS.keys() - FORBIDDEN.keys() | HELPERS.keys()


def _unknown(checker: Checker, node: s.Call, env: Environment) -> None:
    if node.function in env.variables:
        checker.report("X302", f"`${node.function}` is a variable, not a function", node, "remove the parentheses")
        return
    meant = suggestion(node.function, _names() | env.tables.keys() | env.functions, prefix="$")
    help_text = f"{meant[:-1]}(…)`" if meant.startswith("write") else ""
    checker.report("X302", f"call to undefined function `${node.function}`", node, help_text)


def _count(checker: Checker, node: s.Call, least: int, most: int) -> bool:
    given = len(node.arguments)
    if least <= given <= most:
        return True
    wanted = str(least) if least == most else f"{least} to {most}" if most < 9 else f"at least {least}"
    noun = "argument" if wanted == "1" else "arguments"
    checker.report("X304", f"`${node.function}` takes {wanted} {noun}, and gets {given}", node, _usage(node.function))
    return False


def _usage(name: str) -> str:
    return f"use it as `{HELPERS[name].signature}`" if name in HELPERS else ""


def _table_values(env: Environment, name: str) -> Shape:
    table = env.tables[name]
    values = [*table.values.values(), *([] if table.default is None else [table.default])]
    scalars = [value for value in values if not isinstance(value, dict | list)]
    return Shape.literal(*scalars) if scalars and len(scalars) == len(values) else Shape.any()


def _builtin(checker: Checker, node: s.Call, arguments: list[Shape]) -> Shape:
    known = BUILTINS[node.function]
    if node.function in FORBIDDEN:
        checker.report("X302", f"`${node.function}` cannot be used: {FORBIDDEN[node.function]}", node)
        return Shape.any()
    if not _count(checker, node, known.least, known.most):
        return Shape.any()
    if len(arguments) >= known.full:
        _check_kind(checker, node, arguments[0] if arguments else Shape.any())
    if node.function in _RESULTS and len(arguments) >= known.full:
        return _RESULTS[node.function](arguments)
    return Shape.of(known.result) if known.result else Shape.any()  # type: ignore[arg-type]


def _check_kind(checker: Checker, node: s.Call, shape: Shape) -> None:
    wanted = _TAKES.get(node.function)
    kinds = shape.without("null").kinds()
    if wanted and kinds and not kinds & wanted:
        what = " or ".join(sorted(kinds))
        help_text = "turn it into text with `$string(…)`" if wanted is _TEXT else ""
        message = (
            f"`${node.function}` needs {'text' if wanted is _TEXT else 'a number'}, and this is always of type {what}"
        )
        checker.report("X306", message, node.arguments[0], help_text)


# ---- functions that take functions --------------------------------------------------------------------


def _higher_order(checker: Checker, node: s.Call, env: Environment) -> list[Shape]:
    """The shapes of the arguments; a function's shape is that of its result."""
    shapes: list[Shape] = []
    for argument in node.arguments:
        if isinstance(argument, s.Lambda):
            shapes.append(checker.body(argument, env, _given(node.function, shapes)))
        else:
            shapes.append(_look(checker, node.function)(argument, env))
    return shapes


def _given(function: str, before: list[Shape]) -> tuple[Shape, ...]:
    whole = before[0] if before else Shape.any()
    if function in ("map", "filter", "single"):
        return items_of(whole), Shape.of("integer"), Shape.array(items_of(whole))
    return (Shape.any(), Shape.of("string"), whole) if function in ("each", "sift") else ()


def items_of(shape: Shape) -> Shape:
    """The items of an array argument; a single value is an array of one."""
    if shape.is_any or "array" not in shape.kinds():
        return shape
    return union(shape.without("array", "null"), shape.items())


def _sequence(items: Shape) -> Shape:
    return items if items.is_any else union(items, Shape.array(items))


def _looked_up(arguments: list[Shape]) -> Shape:
    name = arguments[1].enum()
    if name is None or len(name) != 1 or arguments[0].is_any:
        return Shape.any()
    found = targets(arguments[0]).property(str(next(iter(name))))
    return found.shape if found.known and "array" not in arguments[0].kinds() else Shape.any()


def _mapped(arguments: list[Shape]) -> Shape:
    return _sequence(arguments[1])


_RESULTS: dict[str, Result] = {
    "type": lambda _: Shape.literal(*_TYPE_NAMES),  # asking for a type that the schema rules out is no mistake
    "distinct": lambda arguments: arguments[0],
    "count": lambda _: Shape.of("integer"),
    "length": lambda _: Shape.of("integer"),
    "floor": lambda _: Shape.of("integer"),
    "ceil": lambda _: Shape.of("integer"),
    "split": lambda _: Shape.array(Shape.of("string")),
    "keys": lambda _: _sequence(Shape.of("string")),
    "append": lambda arguments: Shape.array(union(items_of(arguments[0]), items_of(arguments[1]))),
    "filter": lambda arguments: _sequence(items_of(arguments[0])),
    "single": lambda arguments: items_of(arguments[0]),
    "reverse": lambda arguments: Shape.array(items_of(arguments[0])),
    "sort": lambda arguments: Shape.array(items_of(arguments[0])),
    "map": _mapped,
    "each": _mapped,
    "lookup": _looked_up,
    "clone": lambda arguments: arguments[0],
}
