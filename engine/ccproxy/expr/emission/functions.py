"""Tables and helpers as plain functions: for generated code and for the fallback."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ccproxy.expr.helpers.catalogue import HELPERS, Helper
from ccproxy.expr.missing import MISSING, Value
from ccproxy.expr.parse import Expression
from ccproxy.expr.runtime.tables import TableFunction
from ccproxy.expr.tables import SharedTable
from ccproxy.jsontypes import Json


def foreign_functions(expression: Expression, tables: Mapping[str, SharedTable]) -> dict[str, Callable[..., Value]]:
    """The functions an expression calls that are not JSONata's own, taking and giving exact values."""
    found: dict[str, Callable[..., Value]] = {}
    for name in sorted(expression.functions | expression.variables):
        if name in tables:
            found[name] = _of_exact(table_function(tables[name]))
        elif name in HELPERS:
            found[name] = _of_helper(HELPERS[name])
    return found


def table_function(table: SharedTable) -> Callable[[Json], Value]:
    """A table as a function: nothing for nothing; a word it lacks gives its default."""
    return TableFunction(dict(table.values), MISSING if table.default is None else table.default)


def _of_exact(function: Callable[[Json], Value]) -> Callable[..., Value]:
    return lambda value=MISSING, *_more: function(None if value is MISSING else value)


def _of_helper(helper: Helper) -> Callable[..., Value]:
    def call(*arguments: Value) -> Value:
        given = [
            None if value is MISSING and not parameter.exact else value
            for value, parameter in zip(arguments, helper.parameters, strict=False)
        ]
        given += [None] * (helper.least - len(given))
        return helper.function(*given)

    return call
