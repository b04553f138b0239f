"""Expressions as functions, compiled as conversions compile them, so that a trace computes what a conversion does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from ccproxy.expr import syntax as s
from ccproxy.expr.emit import EmitScope, Want, emit_expression
from ccproxy.expr.emitter import Emitter
from ccproxy.expr.fallback import Fallback
from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.parse import Expression

if TYPE_CHECKING:
    from ccproxy.mapping.model import Table

Function: TypeAlias = Callable[[Value, Mapping[str, Value]], Value]
_FILENAME: Final = "<traced expression>"


class Evaluator:
    """State: the functions of expressions, and of nodes inside them, that were needed so far."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._whole: dict[tuple[str, Want, frozenset[str]], Function] = {}
        self._inner: dict[tuple[int, frozenset[str]], tuple[s.Node, Function | None]] = {}

    def run(self, expression: Expression, want: Want, context: Value, variables: Mapping[str, Value]) -> Value:
        """The value of an expression: for LOOSE and ITEMS None is nothing, for VALUE MISSING."""
        names = frozenset(variables)
        function = self._whole.get((expression.text, want, names))
        if function is None:
            function = self._whole[expression.text, want, names] = self._loaded(self._emitted(expression, want, names))
        return function(context, variables)

    def run_inner(self, node: s.Node, context: Value, variables: Mapping[str, Value]) -> Value:
        """The value of a node inside an expression; raises LookupError where it cannot be computed by itself."""
        names = frozenset(variables)
        known = self._inner.get((id(node), names))
        if known is None:
            # the node is kept with its function, so that no other one gets its identity
            known = self._inner[id(node), names] = node, self._function_of(node, names)
        if known[1] is None:
            raise LookupError("only whole expressions are evaluated by the reference")
        return known[1](context, variables)

    def _function_of(self, node: s.Node, names: frozenset[str]) -> Function | None:
        read = frozenset(inner.name for inner in s.walk(node) if isinstance(inner, s.Variable)) - {"", "$"}
        if not read <= names:
            return None
        calls = frozenset(inner.function for inner in s.walk(node) if isinstance(inner, s.Call))
        emitter = self._emitted(Expression("", node, read, calls), Want.VALUE, names)
        falls_back = any(isinstance(constant, Fallback) for constant in emitter.constants.values())
        return None if falls_back else self._loaded(emitter)

    def _emitted(self, expression: Expression, want: Want, names: frozenset[str]) -> Emitter:
        emitter = Emitter()
        local = {name: f"v_{number}" for number, name in enumerate(sorted(expression.variables & names))}
        with emitter.block("def run(v, variables):"):
            for name, atom in local.items():
                emitter.line(f"{atom} = variables.get({name!r}, {emitter.constant(MISSING)})")
            scope = EmitScope("v", local, frozenset(), self.tables)
            emitter.line(f"return {emit_expression(expression, emitter, scope, want)}")
        return emitter

    def _loaded(self, emitter: Emitter) -> Function:
        return cast("Function", emitter.load(_FILENAME)["run"])
