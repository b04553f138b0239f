"""Literals, arrays, objects and blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.emission.code import ANY, Code, Kind, Need, NotCompiled
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.runtime import build
from ccproxy.expr.runtime.paths import object_context

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission


def literal(value: str | float | bool | None) -> Code:
    if value is None:
        return Code("None", Kind.NULL)
    if isinstance(value, bool):
        return Code(repr(value), Kind.BOOLEAN)
    return Code(repr(value), Kind.STRING if isinstance(value, str) else Kind.NUMBER)


# ---- arrays: what is written as an array stays one item, any other array is joined in -----------------


def array(em: Emission, node: s.ArrayOf, frame: Frame) -> Code:
    parts = [_item(em, item, frame) for item in node.items]
    return Code("[" + ", ".join(parts) + "]", Kind.ARRAY)


def _item(em: Emission, node: s.Node, frame: Frame) -> str:
    code = em.value(node, frame)
    if _is_written_as_array(node) or not code.can_be(Kind.ARRAY | Kind.MISSING):
        return code.text if not code.can_be(Kind.MISSING) else f"*{em.call(build.one, code.text)}"
    return f"*{em.call(build.spread, code.text)}"


def _is_written_as_array(node: s.Node) -> bool:
    return isinstance(node.node if isinstance(node, s.Filtered) else node, s.ArrayOf)


# ---- objects ------------------------------------------------------------------------------------------


def object_of(em: Emission, node: s.ObjectOf, frame: Frame) -> Code:
    keys = [
        pair.key.value for pair in node.pairs if isinstance(pair.key, s.Literal) and isinstance(pair.key.value, str)
    ]
    if len(keys) < len(node.pairs) or len(set(keys)) < len(keys):
        raise NotCompiled("computed keys")
    before, inner = _object_frame(em, frame)
    entries, optional = [], False
    for key, pair in zip(keys, node.pairs, strict=True):
        code = em.value(pair.value, inner)
        optional = optional or code.can_be(Kind.MISSING)
        entries.append(f"{key!r}: {code.text}")
    text = "{" + ", ".join(entries) + "}"
    text = em.call(build.present, text) if optional else text
    return Code(f"({before}, {text})[-1]" if before else text, Kind.OBJECT)


def _object_frame(em: Emission, frame: Frame) -> tuple[str, Frame]:
    """The values of an object see the items of an array that is the context; first what finds them."""
    if frame.context in frame.dicts or frame.root:
        return "", replace(frame, root=False)
    first, context = em.name(Code(em.call(object_context, frame.context), ANY), frame)
    return first if first != context else "", replace(frame, context=context)


# ---- blocks -------------------------------------------------------------------------------------------


def block(em: Emission, node: s.Block, frame: Frame, need: Need) -> Code:
    """Assignments name values for what follows; other items but the last have no effect."""
    if not node.items:
        return Code(em.nothing(need), Kind.MISSING, loose=need is not Need.EXACT)
    before = ""
    for item in node.items[:-1]:
        assignment, frame = _effect(em, item, frame)
        before += assignment
    last = node.items[-1]
    code = em.value(last.value if isinstance(last, s.Assignment) else last, frame, need)
    return Code(f"({before}{code.text})[-1]", code.kinds, loose=code.loose) if before else code


def _effect(em: Emission, item: s.Node, frame: Frame) -> tuple[str, Frame]:
    value = item.value if isinstance(item, s.Assignment) else item
    code = em.value(value, replace(frame, step=True))
    if not isinstance(item, s.Assignment):
        return f"{code.text}, ", frame  # it may fail
    first, later = em.name(code, frame)
    bound = frame.bind(item.name, Code(later, code.kinds))
    return (f"{first}, " if first != later else ""), bound
