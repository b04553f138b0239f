"""`compile_expression`: one expression as a function by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from ccproxy.expr.builtins import BUILTINS
from ccproxy.expr.emit import EmitScope, Want, emit_expression
from ccproxy.expr.emitter import Emitter
from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.parse import parse_expression
from ccproxy.expr.tables import SharedTable

Compiled = Callable[[Value, Mapping[str, Value]], Value]
_FILENAME = "<expression>"


@dataclass(frozen=True, slots=True)
class CompiledExpression:
    """`run(context, variables)`; `falls_back` when the reference evaluator does the work."""

    run: Compiled
    source: str
    falls_back: bool


def compile_expression(text: str, tables: Mapping[str, SharedTable] | None = None) -> Compiled:
    """Return a function of the context and the variables; its result is MISSING for nothing."""
    return compiled_expression(text, tables).run


def compiled_expression(
    text: str,
    tables: Mapping[str, SharedTable] | None = None,
    want: Want = Want.VALUE,
    *,
    on_object: bool = False,
) -> CompiledExpression:
    """Compile with the source at hand; `on_object` when the context is surely an object."""
    expression = parse_expression(text)
    emitter = Emitter()
    names = {name: f"v_{position}" for position, name in enumerate(sorted(expression.variables - BUILTINS.keys()))}
    with emitter.block("def run(v, variables):"):
        for name, local in names.items():
            emitter.line(f"{local} = variables.get({name!r}, {emitter.constant(MISSING)})")
        scope = EmitScope("v", names, frozenset(("v",)) if on_object else frozenset(), tables or {})
        emitter.line(f"return {emit_expression(expression, emitter, scope, want)}")
    function = cast(Compiled, emitter.load(_FILENAME)["run"])
    return CompiledExpression(function, emitter.source(), "_fallback" in emitter.constants)
