"""Predicates that compare a field with words: the items are sorted by that field once for all such predicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission.code import ANY, Code
from ccproxy.expr.runtime import groups as run

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission
    from ccproxy.expr.emission.frame import Frame


def write(em: Emission, predicate: s.Node, first: str, values: str, frame: Frame) -> str | None:
    """The items that `[field = 'word']`, `[field in ['a', 'b']]` or `[field != 'word']` keeps; None for others.

    `first` is the list at its first use, where it may be named, `values` at every later one.
    """
    if not isinstance(predicate, s.Binary):
        return None
    field, words = _field(predicate.left), _words(predicate.right, predicate.operator == "in")
    if field is None or words is None:
        return None
    match predicate.operator:
        case "=":
            return f"({_groups(em, field, first, values, frame)}.get({words[0]!r}) or [])"
        case "!=":
            return em.call(run.others, _groups(em, field, first, values, frame), repr(words[0]), values, repr(field))
        case "in":
            return em.call(run.among, _groups(em, field, first, values, frame), repr(words), values, repr(field))
        case _:
            return None


def _groups(em: Emission, field: str, first: str, values: str, frame: Frame) -> str:
    made = em.call(run.grouped, values, repr(field))
    if made in frame.known:
        return frame.known[made]
    text, later = em.name(Code(em.call(run.grouped, first, repr(field)), ANY), frame)
    frame.known[made] = later
    return text


def _field(node: s.Node) -> str | None:
    if isinstance(node, s.Path) and len(node.steps) == 1 and not node.keep and not node.steps[0].stages:
        step = node.steps[0].node
        return step.name if isinstance(step, s.Name) else None
    return None


def _words(node: s.Node, several: bool) -> tuple[str, ...] | None:
    items = node.items if several and isinstance(node, s.ArrayOf) else (node,)
    words = tuple(item.value for item in items if isinstance(item, s.Literal) and isinstance(item.value, str))
    return words if words and len(words) == len(items) else None
