"""Calls written as calls of Python functions, alone, in a list, or printed. Nothing is run."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.compat.source import NotACallError
from ccproxy.compat.typed import coerced

if TYPE_CHECKING:
    from ccproxy.compat.events import CallWriter
    from ccproxy.compat.source import Reading, Source
    from ccproxy.compat.toolbox import CallableTool
    from ccproxy.jsontypes import Json

# What stands around a call for its own sake.
_AROUND: Final = "print"
_BUILTINS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


@dataclass(slots=True)
class Pythonic:
    """Reads code between a call's beginning and its end; it is understood as a whole only."""

    source: Source
    writer: CallWriter
    ends: Sequence[str]

    def read(self) -> Reading[None]:
        seen = 0
        while True:
            stop = _first(self.source, self.ends, seen)
            if stop < 0 and not self.source.ended:
                seen = max(0, len(self.source.text) - self.source.at - max(map(len, self.ends), default=0))
                yield
                continue
            end = stop if stop >= 0 else len(self.source.text)
            try:
                calls = list(_calls(self.source.text[self.source.at : end].strip()))
            except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
                if stop < 0:
                    raise NotACallError("this is no call of a function", plausible=True) from None
                seen = stop - self.source.at + 1
                continue
            self.source.at = end
            self._say(calls)
            return

    def _say(self, calls: Sequence[ast.Call]) -> None:
        for call in calls:
            tool = self.writer.start(ast.unparse(call.func))
            for name, value in _arguments(call, tool):
                argument = tool.argument(name)
                self.writer.value(argument, coerced(value, tool.properties.get(argument), tool.parameters))
            self.writer.end()


def _first(source: Source, ends: Sequence[str], seen: int) -> int:
    return min((place for end in ends if (place := source.text.find(end, source.at + seen)) >= 0), default=-1)


def _calls(code: str) -> Iterator[ast.Call]:
    statements = ast.parse(code).body
    if not statements:
        raise ValueError(code)
    for statement in statements:
        value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
        for item in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            yield _call(item)


def _call(item: ast.AST | None) -> ast.Call:
    if not isinstance(item, ast.Call):
        raise ValueError("not a call")
    is_around = isinstance(item.func, ast.Name) and item.func.id == _AROUND and len(item.args) == 1
    call = _call(item.args[0]) if is_around and isinstance(item.args[0], ast.Call) else item
    dict(_arguments(call, None))
    return call


def _arguments(call: ast.Call, tool: CallableTool | None) -> Iterator[tuple[str, Json]]:
    """Arguments by name; those without one go to the declared ones in their order."""
    order = [*tool.required, *(name for name in tool.properties if name not in tool.required)] if tool else []
    for place, positional in enumerate(call.args):
        value = _literal(positional)
        if tool is not None and place < len(order):
            yield order[place], value
    for keyword in call.keywords:
        value = _literal(keyword.value)
        if keyword.arg is not None:
            yield keyword.arg, value
        elif isinstance(value, Mapping):
            yield from value.items()


def _literal(node: ast.expr) -> Json:
    """A value; words of JSON are understood too. Raises ValueError for anything that would have to be run."""
    value = ast.literal_eval(_Constants().visit(node))
    return json.loads(json.dumps(value, allow_nan=False))  # type: ignore[no-any-return]


class _Constants(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(_BUILTINS[node.id]) if node.id in _BUILTINS else node
