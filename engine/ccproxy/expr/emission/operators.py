"""Arithmetic, comparisons, `in` and `&`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission import logic
from ccproxy.expr.emission.code import Code, Kind, Need, NotCompiled, flag_of
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.runtime import operators as run
from ccproxy.expr.runtime.text import text_of

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission

_ARITHMETIC = {"+": run.add, "-": run.subtract, "*": run.multiply, "/": run.divide, "%": run.remainder}
_ORDER = {"<": run.less, "<=": run.less_equal, ">": run.greater, ">=": run.greater_equal}
_NUMBER = Kind.NUMBER | Kind.MISSING


def binary(em: Emission, node: s.Binary, frame: Frame) -> Code:
    match node.operator:
        case "and" | "or":
            return logic.both(em, node, frame)
        case "=":
            return _equal(em, node, frame)
        case "!=":
            return _unequal(em, node, frame)
        case "in":
            return _contained(em, node, frame)
        case "&":
            return _concat(em, node, frame)
        case operator if operator in _ORDER:
            return _order(em, node, frame)
        case operator if operator in _ARITHMETIC:
            left, right = _sides(em, node, frame)
            return Code(em.call(_ARITHMETIC[operator], left.text, right.text), _NUMBER)
        case _:
            raise NotCompiled(node.operator)


def negation(em: Emission, node: s.Negation, frame: Frame) -> Code:
    return Code(em.call(run.negate, em.value(node.operand, frame).text), _NUMBER)


def _sides(em: Emission, node: s.Binary, frame: Frame) -> tuple[Code, Code]:
    return em.value(node.left, frame), em.value(node.right, frame)


# ---- equality: a literal on one side makes it one Python comparison -----------------------------------


def _equal(em: Emission, node: s.Binary, frame: Frame) -> Code:
    other, literal = _literal_side(node)
    if literal is None or other is None:
        left, right = _sides(em, node, frame)
        return flag_of(em.call(run.equal, left.text, right.text))
    value = literal.value
    test = _type_test(em, other, value, frame)
    if test is not None:
        return flag_of(test)
    if value is None or isinstance(value, bool):
        code = em.value(other, frame)
        same = em.call(run.equal, code.text, repr(value)) if code.is_literal else f"({code.text} is {value!r})"
        return flag_of(same)
    if isinstance(value, str) or _is_plain(value):
        return flag_of(f"({em.value(other, frame, Need.FALSY).text} == {value!r})")
    return flag_of(em.call(run.equal, em.value(other, frame).text, repr(value)))


# What `$type(x) = '...'` comes down to.
_TYPES = {"string": "str", "object": "dict", "array": "list", "boolean": "bool"}


def _type_test(em: Emission, node: s.Node, word: object, frame: Frame) -> str | None:
    if not (isinstance(node, s.Call) and node.function == "type" and len(node.arguments) == 1 and word in _TYPES):
        return None
    if "type" in frame.variables:
        return None
    return f"(type({em.value(node.arguments[0], frame).text}) is {_TYPES[str(word)]})"


def _unequal(em: Emission, node: s.Binary, frame: Frame) -> Code:
    other, literal = _literal_side(node)
    if literal is None or other is None or not (isinstance(literal.value, str) or _is_plain(literal.value)):
        left, right = _sides(em, node, frame)
        return flag_of(em.call(run.unequal, left.text, right.text))
    code = em.value(other, frame)
    if not code.can_be(Kind.MISSING):
        return flag_of(f"({code.text} != {literal.value!r})")
    first, later = em.name(code, frame)
    return flag_of(f"({first} != {literal.value!r} and {later} is not {em.missing})")


def _literal_side(node: s.Binary) -> tuple[s.Node | None, s.Literal | None]:
    if isinstance(node.right, s.Literal):
        return node.left, node.right
    if isinstance(node.left, s.Literal):
        return node.right, node.left
    return None, None


def _is_plain(value: object) -> bool:
    """Whether Python's == on this number is JSONata's: no mix-up with true and false, exact as a double."""
    return type(value) in (int, float) and value not in (0, 1) and abs(value) < 2**53  # type: ignore[arg-type]


def _contained(em: Emission, node: s.Binary, frame: Frame) -> Code:
    words = _literals(node.right)
    if words is not None:
        return flag_of(f"({_hashable_side(em, node.left, frame)} in {words!r})")
    left, right = _sides(em, node, frame)
    return flag_of(em.call(run.contained, left.text, right.text))


def _hashable_side(em: Emission, node: s.Node, frame: Frame) -> str:
    return em.value(node, frame, Need.FALSY).text


def _literals(node: s.Node) -> tuple[object, ...] | None:
    """The words of an array of string literals."""
    if not isinstance(node, s.ArrayOf) or not node.items:
        return None
    values = [item.value for item in node.items if isinstance(item, s.Literal) and isinstance(item.value, str)]
    return tuple(values) if len(values) == len(node.items) else None


# ---- order --------------------------------------------------------------------------------------------


def _order(em: Emission, node: s.Binary, frame: Frame) -> Code:
    left, right = _sides(em, node, frame)
    call = _ORDER[node.operator]
    if isinstance(node.right, s.Literal) and type(node.right.value) is int:
        first, later = em.name(left, frame)
        slow = em.call(call, later, right.text)
        text = f"({later} {node.operator} {right.text} if type({first}) is int else {slow})"
        return Code(text, Kind.BOOLEAN | Kind.MISSING)
    return Code(em.call(call, left.text, right.text), Kind.BOOLEAN | Kind.MISSING)


# ---- text ---------------------------------------------------------------------------------------------


def _concat(em: Emission, node: s.Binary, frame: Frame) -> Code:
    parts = [_text(em, part, frame) for part in _operands(node)]
    return Code("(" + " + ".join(parts) + ")", Kind.STRING)


def _operands(node: s.Node) -> list[s.Node]:
    """The parts of a chain `a & b & c`, which binds to the left."""
    if isinstance(node, s.Binary) and node.operator == "&":
        return [*_operands(node.left), node.right]
    return [node]


def _text(em: Emission, node: s.Node, frame: Frame) -> str:
    code = em.value(node, frame)
    if code.kinds == Kind.STRING:
        return code.text
    first, later = em.name(code, frame)
    return f"({later} if type({first}) is str else {em.call(text_of, later)})"
