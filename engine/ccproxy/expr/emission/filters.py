"""Predicates: `[0]`, `[-1]`, `[type = 'text']`, `[anything]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission import groups
from ccproxy.expr.emission.code import ANY, Code, Kind
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.runtime import filters as run
from ccproxy.expr.runtime.paths import items

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission


def apply(em: Emission, predicate: s.Node, code: Code, frame: Frame) -> Code:
    """The items of `code` that the predicate keeps."""
    if isinstance(predicate, s.Literal) and type(predicate.value) in (int, float):
        return _index(em, int(predicate.value), code, frame)  # type: ignore[arg-type]
    return _where(em, predicate, code, frame)


def _index(em: Emission, position: int, code: Code, frame: Frame) -> Code:
    if not code.can_be(Kind.ARRAY):
        return Code(em.call(run.index, code.text, str(position)), code.kinds | Kind.MISSING)
    first, later = em.name(code, frame)
    slow = em.call(run.index, later, str(position))
    if position in (0, -1):
        return Code(f"({later}[{position}] if type({first}) is list and {later} else {slow})", ANY)
    if position > 0:
        return Code(f"({later}[{position}] if type({first}) is list and len({later}) > {position} else {slow})", ANY)
    return Code(em.call(run.index, first, str(position)), ANY)


def _where(em: Emission, predicate: s.Node, code: Code, frame: Frame) -> Code:
    first, values = name_items(em, code, frame)
    sorted_out = groups.write(em, predicate, first, values, frame)
    if sorted_out is not None:
        return Code(sorted_out, Kind.ARRAY, raw=True)
    item = em.emitter.temp()
    verdict = em.value(predicate, frame.inside(item))
    if verdict.can_be(Kind.NUMBER | Kind.ARRAY):
        verdicts = f"[{verdict.text} for {item} in {values}]"
        return Code(after(first, values, em.call(run.select, values, verdicts)), Kind.ARRAY, raw=True)
    kept = f"[{item} for {item} in {values} if {em.condition(predicate, frame.inside(item))}]"
    return Code(after(first, values, kept), Kind.ARRAY, raw=True)


def name_items(em: Emission, code: Code, frame: Frame) -> tuple[str, str]:
    """Name the items of a value, since a comprehension cannot hold `:=` where it gets its items from."""
    if code.kinds == Kind.ARRAY:
        return em.name(code, frame)
    first, later = em.name(code, frame)
    return em.name(Code(f"({later} if type({first}) is list else {em.call(items, later)})", Kind.ARRAY), frame)


def after(first: str, later: str, text: str) -> str:
    """The text, with the name of its items assigned before it."""
    return text if first == later else f"({text} if {first} else [])"
