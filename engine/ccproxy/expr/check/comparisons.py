"""Comparisons with literals that can never hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.check.problems import suggestion
from ccproxy.shapes.shape import Shape

if TYPE_CHECKING:
    from ccproxy.expr.check.checker import Checker


def compare(checker: Checker, node: s.Binary, left: Shape, right: Shape) -> None:
    """Report literals that the other side of `=`, `!=` or `in` can never be."""
    if node.operator == "in":
        words = node.right.items if isinstance(node.right, s.ArrayOf) else (node.right,)
        _check_words(checker, node.left, left, words)
    elif isinstance(node.right, s.Literal):
        _check_words(checker, node.left, left, (node.right,))
    elif isinstance(node.left, s.Literal):
        _check_words(checker, node.right, right, (node.left,))


def _check_words(checker: Checker, subject: s.Node, shape: Shape, words: tuple[s.Node, ...]) -> None:
    present = shape.without("null", "array")
    values = present.enum()
    if shape.is_any or present.is_nothing or values is None:
        return
    for word in words:
        if isinstance(word, s.Literal) and isinstance(word.value, str) and word.value and word.value not in values:
            names = [value for value in values if isinstance(value, str)]
            help_text = suggestion(word.value, names, what="values")
            checker.report("X306", f"{_called(subject)} is never `{word.value}`", word, help_text)


def _called(node: s.Node) -> str:
    if isinstance(node, s.Path) and isinstance(node.steps[-1].node, s.Name):
        return f"`{node.steps[-1].node.name}`"
    if isinstance(node, s.Variable):
        return f"`${node.name}`"
    return f"`${node.function}(…)`" if isinstance(node, s.Call) else "this value"
