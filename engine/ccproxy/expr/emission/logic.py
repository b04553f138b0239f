"""Truth and choice: conditions, `and`, `or`, `? :`, `??`, `?:`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission.code import ANY, Code, Kind, Need
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.runtime.truth import truth

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission


def condition(em: Emission, node: s.Node, frame: Frame) -> str:
    """The node as something Python's `if` judges as JSONata would."""
    if isinstance(node, s.Binary) and node.operator in ("and", "or"):
        left = condition(em, node.left, frame)
        right = condition(em, node.right, frame.branch())
        return f"({left} {node.operator} {right})"
    if isinstance(node, s.Block) and len(node.items) == 1:
        return condition(em, node.items[0], frame)
    return truth_of(em, em.value(node, frame, Need.FALSY), frame)


def truth_of(em: Emission, code: Code, frame: Frame) -> str:
    """Python's truth is JSONata's for everything but arrays."""
    if not code.can_be(Kind.ARRAY):
        return code.text
    if code.kinds == Kind.ARRAY:
        return em.call(truth, code.text)
    first, later = em.name(code, frame)
    return f"({first} and (type({later}) is not list or {em.call(truth, later)}))"


def both(em: Emission, node: s.Binary, frame: Frame) -> Code:
    """`and`, `or` as a value."""
    text = condition(em, node, frame)
    return Code(text if _is_flag(node) else f"bool({text})", Kind.BOOLEAN)


def _is_flag(node: s.Node) -> bool:
    """Whether the condition is True or False, not only true or false."""
    match node:
        case s.Binary(operator="and" | "or", left=left, right=right):
            return _is_flag(left) and _is_flag(right)
        case s.Binary(operator="=" | "!=" | "in") | s.Call(function="exists"):
            return True
        case _:
            return False


def choice(em: Emission, node: s.Condition | s.Coalesce | s.Default, frame: Frame, need: Need) -> Code:
    match node:
        case s.Condition():
            return _condition(em, node, frame, need)
        case s.Coalesce():
            return _coalesce(em, node, frame, need)
        case s.Default():
            return _default(em, node, frame, need)


def _condition(em: Emission, node: s.Condition, frame: Frame, need: Need) -> Code:
    test = condition(em, node.test, frame)
    then = em.value(node.then, frame.branch(), need)
    if node.otherwise is None:
        other = Code(em.nothing(need), Kind.MISSING, loose=need is not Need.EXACT)
    else:
        other = em.value(node.otherwise, frame.branch(), need)
    return _either(f"({then.text} if {test} else {other.text})", then.kinds | other.kinds, need)


def _coalesce(em: Emission, node: s.Coalesce, frame: Frame, need: Need) -> Code:
    left = em.value(node.left, frame, Need.EXACT)
    if not left.can_be(Kind.MISSING):
        return left
    right = em.value(node.right, frame.branch(), need)
    first, later = em.name(left, frame)
    kinds = (left.kinds & ~Kind.MISSING) | right.kinds
    return _either(f"({later} if {first} is not {em.missing} else {right.text})", kinds, need)


def _default(em: Emission, node: s.Default, frame: Frame, need: Need) -> Code:
    left = em.value(node.left, frame, Need.FALSY)
    right = em.value(node.right, frame.branch(), need)
    if not left.can_be(Kind.ARRAY):
        return _either(f"({left.text} or {right.text})", (left.kinds & ~Kind.MISSING & ~Kind.NULL) | right.kinds, need)
    first, later = em.name(left, frame)
    test = f"{first} and (type({later}) is not list or {em.call(truth, later)})"
    return _either(f"({later} if {test} else {right.text})", ANY if left.loose else left.kinds | right.kinds, need)


def _either(text: str, kinds: Kind, need: Need) -> Code:
    return Code(text, kinds, loose=need is Need.LOOSE)
