"""Built-in functions that are compiled to something better than a call of the reference implementation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission.code import ANY, Code, Kind, Need, NotCompiled, flag_of
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.runtime import functions as run
from ccproxy.expr.runtime.text import string
from ccproxy.expr.runtime.truth import boolean, negation

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission

Writer = Callable[["Emission", s.Call, Frame], Code | None]

KINDS: dict[str, Kind] = {
    "string": Kind.STRING, "number": Kind.NUMBER, "boolean": Kind.BOOLEAN, "array": Kind.ARRAY, "object": Kind.OBJECT,
}  # fmt: skip
_SCALAR = ANY & ~Kind.ARRAY


def _plain(function: object, kinds: Kind, most: int, *, context: bool = False) -> Writer:
    """A function whose usual case is one call with values, some after the context that may stand in for the first."""

    def write(em: Emission, node: s.Call, frame: Frame) -> Code | None:
        if len(node.arguments) > most or any(isinstance(item, s.Pattern | s.Lambda) for item in node.arguments):
            return None
        codes = [em.value(argument, frame).text for argument in node.arguments]
        return Code(em.call(function, *([frame.context] if context else []), *codes), kinds)

    return write


def _exists(em: Emission, node: s.Call, frame: Frame) -> Code:
    found = _has_field(em, node.arguments[0], frame)
    if found:
        return flag_of(found)
    code = em.value(node.arguments[0], frame)
    if code.items:
        return flag_of(f"(len({code.items}) > 0)")
    return flag_of("True" if code.is_literal else f"({code.text} is not {em.missing})")


def _has_field(em: Emission, node: s.Node, frame: Frame) -> str | None:
    """A single field of an object."""
    if not isinstance(node, s.Path) or len(node.steps) > 1 or node.steps[0].stages:
        return None
    step = node.steps[0].node
    if not isinstance(step, s.Name) or frame.context not in frame.dicts:
        return None
    known = frame.known.get(f"{frame.context}.get({step.name!r}, {em.missing})")
    return f"({known} is not {em.missing})" if known else f"({step.name!r} in {frame.context})"


def _string(em: Emission, node: s.Call, frame: Frame) -> Code | None:
    if len(node.arguments) > 1:
        return None
    code = em.value(node.arguments[0], frame)
    if code.kinds == Kind.STRING:
        return code
    first, later = em.name(code, frame)
    kinds = Kind.STRING | (code.kinds & Kind.MISSING)
    return Code(f"({later} if type({first}) is str else {em.call(string, later)})", kinds)


def _not(em: Emission, node: s.Call, frame: Frame) -> Code:
    code = em.value(node.arguments[0], frame)
    if not code.can_be(Kind.ARRAY | Kind.MISSING):
        return flag_of(f"(not {code.text})")
    return Code(em.call(negation, code.text), Kind.BOOLEAN | (code.kinds & Kind.MISSING))


def _boolean(em: Emission, node: s.Call, frame: Frame) -> Code:
    code = em.value(node.arguments[0], frame)
    if code.kinds == Kind.BOOLEAN:
        return code
    return Code(em.call(boolean, code.text), Kind.BOOLEAN | (code.kinds & Kind.MISSING))


def _count(em: Emission, node: s.Call, frame: Frame) -> Code:
    first, later = em.name(em.value(node.arguments[0], frame, Need.FALSY), frame)
    return Code(f"(len({later}) if type({first}) is list else {em.call(run.count, later)})", Kind.NUMBER)


def _contains(em: Emission, node: s.Call, frame: Frame) -> Code:
    value = em.value(node.arguments[0], frame)
    pattern = node.arguments[1]
    if isinstance(pattern, s.Pattern):
        made = em.call(run.matches, frame.context, value.text, em.emitter.constant(pattern.pattern))
    else:
        made = em.call(run.contains, frame.context, value.text, em.value(pattern, frame).text)
    return Code(made, Kind.BOOLEAN | Kind.MISSING)


def _keys(em: Emission, node: s.Call, frame: Frame) -> Code:
    return Code(em.call(run.keys, em.value(node.arguments[0], frame).text), Kind.ARRAY, raw=True)


def _lookup(em: Emission, node: s.Call, frame: Frame) -> Code | None:
    key = node.arguments[1]
    if not isinstance(key, s.Literal) or not isinstance(key.value, str):
        return None
    return Code(em.call(run.field, em.value(node.arguments[0], frame).text, repr(key.value)), ANY)


def _distinct(em: Emission, node: s.Call, frame: Frame) -> Code:
    """The result of an array that the expression makes is a sequence; of any other array it is an array."""
    given = node.arguments[0]
    made = isinstance(given, s.ArrayOf)
    if not made and not (isinstance(given, s.Variable) and frame.is_outer(given.name)):
        raise NotCompiled("distinct of what may be a sequence or an array")
    return Code(em.call(run.distinct_of_made if made else run.distinct, em.value(given, frame).text), ANY)


_STRING, _NUMBER = Kind.STRING | Kind.MISSING, Kind.NUMBER | Kind.MISSING

SPECIAL: dict[str, Writer] = {
    "exists": _exists,
    "string": _string,
    "not": _not,
    "boolean": _boolean,
    "count": _count,
    "contains": _contains,
    "distinct": _distinct,
    "keys": _keys,
    "lookup": _lookup,
    "type": _plain(run.type_of, _STRING, 1),
    "length": _plain(run.length, _NUMBER, 1),
    "lowercase": _plain(run.lowercase, _STRING, 1),
    "uppercase": _plain(run.uppercase, _STRING, 1),
    "trim": _plain(run.trim, _STRING, 1),
    "substring": _plain(run.substring, _STRING, 3, context=True),
    "substringBefore": _plain(run.before, _STRING, 2, context=True),
    "substringAfter": _plain(run.after, _STRING, 2, context=True),
    "split": _plain(run.split, Kind.ARRAY | Kind.MISSING, 2, context=True),
    "join": _plain(run.join, _STRING, 2),
    "replace": _plain(run.replace, _STRING, 3, context=True),
    "number": _plain(run.number, _NUMBER, 1),
    "sum": _plain(run.total, _NUMBER, 1),
    "max": _plain(run.largest, _NUMBER, 1),
    "min": _plain(run.smallest, _NUMBER, 1),
    "floor": _plain(run.floor, _NUMBER, 1),
    "ceil": _plain(run.ceil, _NUMBER, 1),
    "abs": _plain(run.absolute, _NUMBER, 1),
    "append": _plain(run.append, ANY, 2),
    "merge": _plain(run.merge, Kind.OBJECT | Kind.MISSING, 1),
}
