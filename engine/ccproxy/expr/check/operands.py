"""Operators: the kinds they take, and the kind they give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.check import comparisons
from ccproxy.expr.check.environment import Environment
from ccproxy.expr.check.narrowing import narrowed
from ccproxy.shapes.shape import Shape

if TYPE_CHECKING:
    from ccproxy.expr.check.checker import Checker

_TESTS = frozenset(("=", "!=", "<", "<=", ">", ">=", "in", "and", "or"))
NUMBERS = frozenset(("number", "integer"))


def binary(checker: Checker, node: s.Binary, env: Environment) -> Shape:
    look = checker.test if node.operator in _TESTS else checker.carried
    left = look(node.left, env)
    right = look(node.right, _right_environment(node, env))
    match node.operator:
        case "+" | "-" | "*" | "/" | "%":
            check_number(checker, node.left, left, node.operator)
            check_number(checker, node.right, right, node.operator)
            return _number(node.operator, left, right)
        case "&":
            return Shape.of("string")
        case "=" | "!=" | "in":
            comparisons.compare(checker, node, left, right)
    return Shape.of("boolean")


def _right_environment(node: s.Binary, env: Environment) -> Environment:
    """The right side of `and` is only reached where the left one holds, that of `or` where it does not."""
    if node.operator == "and":
        return narrowed(node.left, env)[0]
    return narrowed(node.left, env)[1] if node.operator == "or" else env


def check_number(checker: Checker, node: s.Node, shape: Shape, operator: str) -> None:
    kinds = shape.without("null").kinds()
    if kinds and not kinds & NUMBERS:
        what = " or ".join(sorted(kinds))
        checker.report("X306", f"`{operator}` needs numbers, and this is always of type {what}", node)


def _number(operator: str, left: Shape, right: Shape) -> Shape:
    if operator == "%":
        return Shape.of("integer")
    whole = (left.without("null").kinds() | right.without("null").kinds()) <= {"integer"}
    return Shape.of("integer") if whole and operator != "/" else Shape.of("number")
