"""Calls: shared tables, helpers, and built-in functions with a special form or a plain one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s
from ccproxy.expr.builtins import BUILTINS, FORBIDDEN
from ccproxy.expr.emission import inline, lambdas
from ccproxy.expr.emission.code import ANY, Code, Kind, Need, NotCompiled
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.fallback import reference
from ccproxy.expr.helpers.catalogue import HELPERS, Helper
from ccproxy.expr.tables import SharedTable

if TYPE_CHECKING:
    from ccproxy.expr.emission.core import Emission

# Functions that take a function: only those in `lambdas` are compiled, and only with the function written in place.
_HIGHER_ORDER = {"map", "filter", "single", "reduce", "sift", "each"}


def call(em: Emission, node: s.Call, frame: Frame) -> Code:
    name = node.function
    if name in frame.variables:
        raise NotCompiled("call of a variable")
    if name in em.tables:
        return _table(em, em.tables[name], node, frame)
    if name in HELPERS:
        return _helper(em, HELPERS[name], node, frame)
    if name in BUILTINS and name not in FORBIDDEN:
        return _builtin(em, node, frame)
    raise NotCompiled(f"${name}")


def _table(em: Emission, table: SharedTable, node: s.Call, frame: Frame) -> Code:
    if len(node.arguments) != 1:
        raise NotCompiled("arguments of a table")
    code = em.value(node.arguments[0], frame, Need.LOOSE)
    return Code(em.call(em.table_function(table), code.text), ANY)


def _helper(em: Emission, helper: Helper, node: s.Call, frame: Frame) -> Code:
    if not helper.least <= len(node.arguments) <= len(helper.parameters):
        raise NotCompiled(f"arguments of ${helper.name}")
    codes = [
        em.value(argument, frame, Need.EXACT if parameter.exact else Need.LOOSE)
        for argument, parameter in zip(node.arguments, helper.parameters, strict=False)
    ]
    if helper.keeps is None or len(codes) != 1:
        return Code(em.call(helper.function, *(code.text for code in codes)), helper.kinds)
    first, later = em.name(codes[0], frame)
    made = em.call(helper.function, later)
    return Code(f"({later} if type({first}) is {helper.keeps.__name__} else {made})", helper.kinds)


def _builtin(em: Emission, node: s.Call, frame: Frame) -> Code:
    known = BUILTINS[node.function]
    if not known.full <= len(node.arguments) <= known.most:
        raise NotCompiled(f"arguments of ${node.function}")
    if node.function in _HIGHER_ORDER:
        return lambdas.call(em, node, frame)
    if special := inline.SPECIAL.get(node.function):
        found = special(em, node, frame)
        if found is not None:
            return found
    if any(isinstance(argument, s.Lambda) for argument in node.arguments):
        raise NotCompiled("function as an argument")
    arguments = [_argument(em, argument, frame) for argument in node.arguments]
    kinds = inline.KINDS.get(known.result, ANY) | Kind.MISSING
    return Code(em.call(reference, repr(node.function), frame.context, *arguments), kinds)


def _argument(em: Emission, node: s.Node, frame: Frame) -> str:
    if isinstance(node, s.Pattern):
        return em.emitter.constant(node.pattern)
    if isinstance(node, s.Variable) and node.name in BUILTINS and node.name not in frame.variables:
        raise NotCompiled("function as an argument")
    return em.value(node, frame).text
