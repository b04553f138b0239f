"""`emit_expression`: an expression as Python in generated code.

atom = emit_expression(expression, emitter, EmitScope("v", {"request": "c.request"}), Want.LOOSE)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ccproxy.expr.emission.code import ANY, PRESENT, Code, Need, NotCompiled
from ccproxy.expr.emission.core import Emission, bare
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.emission.functions import foreign_functions
from ccproxy.expr.emission.loops import items
from ccproxy.expr.emitter import Emitter
from ccproxy.expr.fallback import Fallback
from ccproxy.expr.missing import MISSING
from ccproxy.expr.parse import Expression
from ccproxy.expr.tables import SharedTable

_NO_TABLES: dict[str, SharedTable] = {}


class Want(Enum):
    """What the caller does with the result."""

    VALUE = "value"  # JSONata's value: MISSING is nothing, None is null
    LOOSE = "loose"  # None for both
    TRUTH = "truth"  # a condition for immediate use in `if`
    ITEMS = "items"  # what a loop runs over: a list, None for nothing and null


@dataclass(frozen=True, slots=True)
class EmitScope:
    """The Python names an expression works with.

    context and variables hold JSON values; a variable's MISSING is nothing, and so is its None when named in `loose`.
    dicts: names that surely hold a dict. Names must keep their value within the block that is being written.
    """

    context: str
    variables: Mapping[str, str] = field(default_factory=dict)
    dicts: frozenset[str] = frozenset()
    tables: Mapping[str, SharedTable] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()


def emit_expression(expression: Expression, emitter: Emitter, scope: EmitScope, want: Want) -> str:
    """Write what computes the expression; return an atom (for TRUTH a condition)."""
    emission = Emission(emitter, scope.tables)
    try:
        return _compiled(expression, emission, scope, want)
    except NotCompiled:
        return _fallback(expression, emission, scope, want)


def _compiled(expression: Expression, emission: Emission, scope: EmitScope, want: Want) -> str:
    emitter = emission.emitter
    mark, before = len(emitter.lines), dict(emitter.known)
    try:
        frame = _frame(expression, emitter, scope)
        if want is Want.TRUTH:
            return emission.condition(expression.ast, frame)
        if want is Want.ITEMS:
            return emission.name(items(emission, emission.value(expression.ast, frame), frame), frame)[1]
        need = Need.LOOSE if want is Want.LOOSE else Need.EXACT
        return emission.name(emission.value(expression.ast, frame, need), frame)[1]
    except NotCompiled:
        emitter.forget(mark, before)
        raise


def _frame(expression: Expression, emitter: Emitter, scope: EmitScope) -> Frame:
    variables = {}
    for name in sorted(expression.variables & scope.variables.keys()):
        variables[name] = Code(_local(scope.variables[name], emitter), ANY, loose=name in scope.loose)
    dicts = frozenset(scope.dicts) | {
        variables[name].text for name in variables if scope.variables[name] in scope.dicts
    }
    return Frame(scope.context, True, variables, dicts, emitter.known, input=scope.context, outer=frozenset(variables))


def _local(text: str, emitter: Emitter) -> str:
    """A variable that is not a plain name may change between expressions: read it once per expression."""
    if text.isidentifier():
        return text
    name = emitter.temp()
    emitter.line(f"{name} = {text}")
    return name


def _fallback(expression: Expression, emission: Emission, scope: EmitScope, want: Want) -> str:
    emitter = emission.emitter
    fallback = emitter.constant(Fallback(expression.text, foreign_functions(expression, scope.tables)))
    variables = ", ".join(
        f"{name!r}: {_exact(text, name in scope.loose, emitter)}"
        for name, text in sorted(scope.variables.items())
        if name in expression.variables
    )
    frame = Frame(scope.context, True, {}, scope.dicts, emitter.known)
    if want is Want.ITEMS:
        exact = _fallback(expression, emission, scope, Want.VALUE)
        return emission.name(items(emission, Code(exact), frame), frame)[1]
    code = Code(f"{fallback}({scope.context}, {{{variables}}})", PRESENT if want is Want.TRUTH else ANY)
    if want is Want.TRUTH:
        return emission.truth(code, frame)
    finished = emission.finish(code, frame, Need.LOOSE if want is Want.LOOSE else Need.EXACT)
    name = emitter.temp()
    emitter.line(f"{name} = {bare(finished.text)}")
    return name


def _exact(text: str, loose: bool, emitter: Emitter) -> str:
    return f"{emitter.constant(MISSING)} if {text} is None else {text}" if loose else text
