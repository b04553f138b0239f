"""`$map`, `$filter`, `$single`, `$reduce`, `$each`, `$sift` with the function written in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission.code import ANY, Code, Kind, NotCompiled
from ccproxy.expr.emission.filters import after
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.runtime import functions as run

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission

# Functions of one argument that may stand in for a lambda, as in `$map(xs, $string)`.
_BY_NAME = ("string", "number", "boolean", "not", "length", "lowercase", "uppercase", "trim", "type", "exists", "keys")


def call(em: Emission, node: s.Call, frame: Frame) -> Code:
    if len(node.arguments) < 2:
        raise NotCompiled(f"${node.function}")
    function = _function(node.arguments[1], frame)
    if node.function == "reduce":
        return _reduce(em, node, function, frame)
    if node.function in ("each", "sift"):
        return _over_object(em, node, function, frame)
    return _over_array(em, node, function, frame)


def _function(node: s.Node, frame: Frame) -> s.Lambda:
    if isinstance(node, s.Lambda):
        return node
    if isinstance(node, s.Variable) and node.name in _BY_NAME and node.name not in frame.variables:
        item = s.Variable("\0item", node.offset, node.length)
        call_of_item = s.Call(node.name, (item,), node.offset, node.length)
        return s.Lambda(("\0item",), call_of_item, node.offset, node.length)
    raise NotCompiled("function that is not written in place")


def _over_array(em: Emission, node: s.Call, function: s.Lambda, frame: Frame) -> Code:
    given = em.call(run.array_argument, em.value(node.arguments[0], frame).text)
    first, values = em.name(Code(given, Kind.ARRAY), frame)
    item, index = em.emitter.temp(), em.emitter.temp()
    inner = _bound(function, frame, (Code(item), Code(index, Kind.NUMBER), Code(values, Kind.ARRAY)))
    loop = f"for {item} in {values}"
    if len(function.parameters) > 1:
        loop = f"for {index}, {item} in enumerate({values})"
    if node.function == "map":
        return _list(first, _mapped(em, function.body, inner, loop))
    kept = f"[{item} {loop} if {em.condition(function.body, inner)}]"
    if node.function == "filter":
        return _list(first, kept)
    return Code(f"({em.call(run.single, kept)} if {first} is not None else {em.missing})", ANY)


def _reduce(em: Emission, node: s.Call, function: s.Lambda, frame: Frame) -> Code:
    if len(function.parameters) != 2:
        raise NotCompiled("$reduce with positions")
    first, values = em.name(Code(em.call(run.array_argument, em.value(node.arguments[0], frame).text)), frame)
    start = [em.value(argument, frame.branch()).text for argument in node.arguments[2:]]
    before, item = em.emitter.temp(), em.emitter.temp()
    body = em.value(function.body, _bound(function, frame, (Code(before), Code(item))))
    made = em.call(run.reduce, values, f"lambda {before}, {item}: {body.text}", *start)
    return Code(f"({made} if {first} is not None else {em.missing})", ANY)


def _list(first: str, text: str) -> Code:
    return Code(f"({text} if {first} else [])", Kind.ARRAY, raw=True)


def _mapped(em: Emission, body: s.Node, frame: Frame, loop: str) -> str:
    code = em.value(body, frame)
    if not code.can_be(Kind.MISSING):
        return f"[{code.text} {loop}]"
    first, later = em.name(code, frame)
    return f"[{later} {loop} if {first} is not {em.missing}]"


def _over_object(em: Emission, node: s.Call, function: s.Lambda, frame: Frame) -> Code:
    given = em.call(run.object_argument, em.value(node.arguments[0], frame).text, repr(node.function))
    first, entries = em.name(Code(given, Kind.OBJECT), frame)
    key, value = em.emitter.temp(), em.emitter.temp()
    inner = _bound(function, frame, (Code(value), Code(key, Kind.STRING), Code(entries, Kind.OBJECT)))
    loop = f"for {key}, {value} in {entries}.items()"
    if node.function == "each":
        return Code(after(first, entries, _mapped(em, function.body, inner, loop)), Kind.ARRAY, raw=True)
    kept = f"{{{key}: {value} {loop} if {em.condition(function.body, inner)}}}"
    found = f"({kept} or {em.missing})"
    return Code(found if first == entries else f"({found} if {first} else {em.missing})", Kind.OBJECT | Kind.MISSING)


def _bound(function: s.Lambda, frame: Frame, values: tuple[Code, ...]) -> Frame:
    inner = frame.branch()
    for position, name in enumerate(function.parameters):
        inner = inner.bind(name, values[position] if position < len(values) else Code("None", loose=True))
    return inner
