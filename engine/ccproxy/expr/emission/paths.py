"""Paths and variables.

A step on an object is one `.get`; whether it is an object is tested where it is not known. Everything else a step may
meet (arrays, scalars) goes to one call in `runtime.paths`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.builtins import BUILTINS
from ccproxy.expr.emission import filters
from ccproxy.expr.emission.code import ANY, PRESENT, Code, Kind, Need, NotCompiled
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.helpers.registry import HELPERS
from ccproxy.expr.runtime import paths as run

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission

_NOT_STEPS = (s.ArrayOf, s.Literal, s.Pattern, s.Lambda, s.Opaque, s.Assignment)


def variable(em: Emission, node: s.Variable, frame: Frame, need: Need) -> Code:
    """`$`, `$$` or `$name`; an unbound name is nothing."""
    if node.name in ("", "$"):
        return Code(frame.input if node.name else frame.context, PRESENT if frame.root or node.name else ANY)
    if node.name not in frame.variables and (node.name in BUILTINS or node.name in HELPERS):
        raise NotCompiled("a function as a value")
    code = frame.variables.get(node.name) or Code(em.missing, Kind.MISSING)
    if code.loose and need is Need.EXACT:
        return Code(f"({em.missing} if {code.text} is None else {code.text})", code.kinds & ~Kind.NULL)
    return code


def filtered(em: Emission, node: s.Filtered, frame: Frame) -> Code:
    """Predicates or `[]` on something that is not a path."""
    code = em.write(node.node, replace(frame, step=True), Need.EXACT)
    for predicate in node.predicates:
        code = filters.apply(em, predicate, code, frame)
    if node.keep:
        _refuse_keep(frame)
        return em.kept(code)
    return code


def path(em: Emission, node: s.Path, frame: Frame, need: Need) -> Code:
    """Write all steps; the base of each is the value of those before it."""
    if node.keep:
        _refuse_keep(frame)
    steps = list(node.steps)
    code, root = Code(frame.context), frame.root
    if not isinstance(steps[0].node, s.Name) and (root or _is_variable(steps[0].node) or frame.context in frame.dicts):
        code, root = _first(em, steps.pop(0), frame), False
        if not steps:
            return code
    for position, step in enumerate(steps):
        rest = steps[position + 1 :]
        mode = _Mode(need, rest, node.keep, root and position == 0)
        code = _step(em, step, code, frame, mode)
    return code


def _refuse_keep(frame: Frame) -> None:
    if frame.step:
        raise NotCompiled("[] inside a step")


def _is_variable(node: s.Node) -> bool:
    return isinstance(node.node if isinstance(node, s.Filtered) else node, s.Variable)


def _first(em: Emission, step: s.Step, frame: Frame) -> Code:
    """A first step that is no field: evaluated once."""
    if isinstance(step.node, _NOT_STEPS) or step.stages:
        raise NotCompiled("first step of a path")
    return em.value(step.node, replace(frame, root=frame.root and _is_variable(step.node), step=True))


class _Mode:
    """Which variant of a step is wanted, given what follows it."""

    def __init__(self, need: Need, rest: list[s.Step], keep: bool, whole: bool) -> None:
        self.last = not rest
        self.keep = keep and self.last
        self.whole = whole  # an array as base is the input itself
        if rest:
            self.loose = isinstance(rest[0].node, s.Name)  # null and nothing both have no fields
        else:
            self.loose = need is not Need.EXACT and not keep


def _step(em: Emission, step: s.Step, base: Code, frame: Frame, mode: _Mode) -> Code:
    if base.is_literal and isinstance(step.node, s.Name):
        return Code("None" if mode.loose else em.missing, Kind.MISSING, loose=mode.loose)
    if isinstance(step.node, s.Name) and not step.stages:
        return _field(em, step.node.name, base, frame, mode)
    return _mapped(em, step, base, frame, mode)


def _field(em: Emission, name: str, base: Code, frame: Frame, mode: _Mode) -> Code:
    first, later = em.name(base, frame)
    direct = _get(em, later, name, mode)
    slow = _slow_field(em, later, name, mode)
    if later in frame.dicts:
        return Code(direct, ANY, loose=mode.loose)
    nothing = "None" if mode.loose else em.missing
    text = f"({direct} if type({first}) is dict else {slow} if {later} else {nothing})"
    return Code(text, ANY, loose=mode.loose)


def _get(em: Emission, base: str, name: str, mode: _Mode) -> str:
    if mode.keep:
        return em.call(run.keep, f"{base}.get({name!r}, {em.missing})")
    return f"{base}.get({name!r})" if mode.loose else f"{base}.get({name!r}, {em.missing})"


def _slow_field(em: Emission, base: str, name: str, mode: _Mode) -> str:
    if mode.whole:
        if mode.keep:
            return em.call(run.keep, em.call(run.kept_lookup, base, repr(name)))
        return em.call(run.lookup, base, repr(name), *(["None"] if mode.loose else []))
    if not mode.last:
        return em.call(run.step, base, repr(name))
    if mode.keep:
        return em.call(run.kept_step, base, repr(name))
    return em.call(run.last_step, base, repr(name), *(["None"] if mode.loose else []))


def _mapped(em: Emission, step: s.Step, base: Code, frame: Frame, mode: _Mode) -> Code:
    """A step with predicates, or one that is not a field: straight on an object, by a function on anything else."""
    first, later = em.name(base, frame)
    if later in frame.dicts:
        return _direct(em, step, later, frame, mode)
    direct = _direct(em, step, later, frame.branch().assume_dict(later), mode)
    present = later if isinstance(step.node, s.Name) else f"{later} is not {em.missing}"
    nothing = "None" if mode.loose and mode.last else em.missing
    slow = _slow(em, step, later, frame, mode)
    text = f"({direct.text} if type({first}) is dict else {slow} if {present} else {nothing})"
    return Code(text, ANY, loose=mode.loose and mode.last)


def _slow(em: Emission, step: s.Step, base: str, frame: Frame, mode: _Mode) -> str:
    item = em.emitter.temp()
    code = _item(em, step, item, frame.inside(item), mode)
    values, body = f"[{base}]" if mode.whole else base, f"lambda {item}: {code.text}"
    if not mode.last:
        return em.call(run.map_step, values, body)
    if mode.keep:
        return em.call(run.map_kept, values, body)
    end = run.map_sequence if code.raw else run.map_end
    return em.call(end, values, body, *(["None"] if mode.loose else []))


def _direct(em: Emission, step: s.Step, base: str, frame: Frame, mode: _Mode) -> Code:
    code = _item(em, step, base, frame, mode)
    if mode.keep:
        kept = f"({code.text} or {em.missing})" if code.raw else em.call(run.keep, code.text)
        return Code(kept, Kind.ARRAY | Kind.MISSING)
    if not mode.last:
        return code if code.loose or not code.raw else Code(code.text, code.kinds)
    return em.finish(code, frame, Need.LOOSE if mode.loose else Need.EXACT)


def _item(em: Emission, step: s.Step, item: str, frame: Frame, mode: _Mode) -> Code:
    """The step on one item, predicates included."""
    if isinstance(step.node, s.Name):
        code = _name_of_item(em, step.node.name, item, frame, mode)
    elif isinstance(step.node, _NOT_STEPS):
        raise NotCompiled("step of a path")
    else:
        code = em.value(step.node, _context(frame, item))
    for stage in step.stages:
        code = filters.apply(em, stage, code, frame)
    return code


def _context(frame: Frame, item: str) -> Frame:
    inner = frame.inside(item)
    return inner.assume_dict(item) if item in frame.dicts else inner


def _name_of_item(em: Emission, name: str, item: str, frame: Frame, mode: _Mode) -> Code:
    if item in frame.dicts:
        return Code(f"{item}.get({name!r}, {em.missing})", ANY)
    return Code(em.call(run.kept_lookup if mode.keep else run.lookup, item, repr(name)), ANY)
