"""The border to jsonata-python, which writes nothing as None and null as NULL_VALUE. Importing this module imports it.

Values that go in are copied, since the evaluator changes arrays in a few places; nulls inside them become NULL_VALUE,
without which it takes an array's null items for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils

from ccproxy.expr.errors import ExpressionFailure
from ccproxy.expr.jsonata_parser import parse_symbols
from ccproxy.expr.missing import MISSING, Value
from ccproxy.jsontypes import Json

NULL = Utils.NULL_VALUE

# What the evaluator lets slip besides its own exception.
_ACCIDENTS: tuple[tuple[type[Exception], str], ...] = (
    (ZeroDivisionError, "D1001"),
    (OverflowError, "D1001"),
    (RecursionError, "D1011"),
    (ValueError, "D3030"),
    (TypeError, "T0410"),
    (Exception, "D0001"),
)


def inward(value: object) -> object:
    """Return our value as jsonata-python wants it."""
    if value is None:
        return NULL
    if value is MISSING:
        return None
    if isinstance(value, dict):
        return {key: inward(item) for key, item in value.items()}
    if isinstance(value, list):
        return [inward(item) for item in value]
    return value


def outward(value: object) -> Value:
    """Return jsonata-python's value as ours."""
    return MISSING if value is None else _plain(value)


def _plain(value: object) -> Json:
    if value is None or value is NULL:
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value  # type: ignore[return-value]  # a scalar, or a function that only the evaluator can use


def evaluator(text: str) -> Jsonata:
    """Return a fresh evaluator of the expression."""
    made = Jsonata("1")
    made.ast = parse_symbols(text)
    made.set_validate_input(False)
    made.set_output_convert_nulls(False)
    return made


def evaluate(
    made: Jsonata, context: Value, variables: Mapping[str, Value], functions: Mapping[str, Callable[..., Value]]
) -> Value:
    """Evaluate as JSONata does, with our idea of nothing and null and our errors."""
    bindings: dict[str, object] = {name: foreign(function) for name, function in functions.items()}
    bindings |= {name: inward(value) for name, value in variables.items()}
    Jsonata.CURRENT.jsonata = made
    return guarded(lambda: made.evaluate(inward(context), bindings))


def guarded(action: Callable[[], object]) -> Value:
    """Run the action; turn what it raises into ExpressionFailure."""
    try:
        return outward(action())
    except ExpressionFailure:
        raise
    except JException as problem:
        raise ExpressionFailure(str(problem.error), str(problem)) from None
    except Exception as accident:
        code = next(code for kind, code in _ACCIDENTS if isinstance(accident, kind))
        raise ExpressionFailure(code, f"{type(accident).__name__}: {accident}") from accident


def foreign(function: Callable[..., Value]) -> Jsonata.JLambda:
    """Return one of our functions as one of jsonata-python's."""
    return Jsonata.JLambda(lambda *arguments: inward(function(*(outward(argument) for argument in arguments))))


def builtin(name: str, context: Value, arguments: tuple[object, ...]) -> Value:
    """Call one of jsonata-python's functions with our values."""
    function = Jsonata.static_frame.lookup(name)

    def action() -> object:
        given = [item if isinstance(item, re.Pattern) else inward(item) for item in arguments]
        return _unwrapped(function.call(None, function.validate(given, inward(context))))

    return guarded(action)


def _unwrapped(result: object) -> object:
    """A function's sequence as a result: of no item nothing, of one item the item."""
    if Utils.is_sequence(result) and isinstance(result, list) and len(result) < 2:
        return result[0] if result else None
    return result
