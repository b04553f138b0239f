"""Expression text -> `Expression`. The same text is parsed once."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ccproxy.expr import syntax as s
from ccproxy.expr.builtins import BUILTINS
from ccproxy.expr.errors import ExpressionError
from ccproxy.expr.reading import read

# What jsonata-python's parser lets slip on malformed text besides its own exception.
_PARSER_ACCIDENTS = (IndexError, KeyError, AttributeError, TypeError, ValueError, RuntimeError)
# Calls and constructs in which `$name` may stand for the function of that name.
_TAKES_FUNCTIONS = frozenset({"map", "filter", "single", "reduce", "sift", "each", "sort", "replace"})
_HANDLES_FUNCTIONS = frozenset({"apply", "partial", "function"})


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: what it says, and which variables and functions it needs from outside."""

    text: str
    ast: s.Node
    variables: frozenset[str]
    functions: frozenset[str]


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Parse an expression (without the leading `=`); raise ExpressionError where it is none."""
    ast = _parse(text)
    functions = frozenset(node.function for node in s.walk(ast) if isinstance(node, s.Call))
    return Expression(text, ast, frozenset(_free_variables(ast, frozenset())), functions)


def _parse(text: str) -> s.Node:
    # jsonata-python is imported only when something must be parsed: generated code loads without it
    parser = importlib.import_module("ccproxy.expr.jsonata_parser")
    rejection = importlib.import_module("jsonata.jexception").JException
    if not text.strip():
        raise ExpressionError("S0207", "the expression is empty", 0, max(1, len(text)))
    try:
        symbols = parser.parse_symbols(text)
    except rejection as problem:
        code, message = _corrected(str(problem.error), str(problem), problem.current)
        raise _syntax_error(text, code, message, problem.location, problem.current) from None
    except _PARSER_ACCIDENTS:
        raise ExpressionError("S0207", "the expression ends too early", len(text), 1) from None
    return read(symbols, text)


def _corrected(code: str, message: str, token: object) -> tuple[str, str]:
    """The parser reports an unknown escape such as `\\q` with the code and words of an empty regular expression."""
    if code == "S0301" and token is not None:
        return "S0103", f"unsupported escape sequence: \\{token}"
    return code, message


def _syntax_error(text: str, code: str, message: str, end: int, token: object) -> ExpressionError:
    width = len(token) if isinstance(token, str) and text[: max(end, 0)].endswith(token) and token else 1
    return ExpressionError(code, message[:1].lower() + message[1:], min(max(0, end - width), len(text)), width)


def _free_variables(node: s.Node, bound: frozenset[str]) -> Iterator[str]:
    """Yield names of variables that the expression reads and does not bind itself."""
    match node:
        case s.Variable(name=name):
            if name not in bound and name not in ("", "$"):
                yield name
        case s.Lambda(parameters=parameters, body=body):
            yield from _free_variables(body, bound | set(parameters))
        case s.Block(items=items):
            for item in items:
                yield from _free_variables(item, bound)
                bound |= set(_assigned(item))
        case s.Call(function=function, arguments=arguments) if function in _TAKES_FUNCTIONS:
            for argument in arguments:
                if not _is_function(argument):
                    yield from _free_variables(argument, bound)
        case s.Opaque(kind=kind, binds=binds):
            for child in s.children(node):
                if kind in _HANDLES_FUNCTIONS and _is_function(child):
                    continue
                yield from _free_variables(child, bound | set(binds))
        case _:
            for child in s.children(node):
                yield from _free_variables(child, bound)


def _is_function(node: s.Node) -> bool:
    return isinstance(node, s.Variable) and node.name in BUILTINS


def _assigned(node: s.Node) -> Iterator[str]:
    if isinstance(node, s.Assignment):
        yield node.name
        yield from _assigned(node.value)
