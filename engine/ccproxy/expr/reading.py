"""jsonata-python's parse tree -> our own syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from ccproxy.expr import syntax as s
from ccproxy.expr.symbols import Symbol, pattern_of, scalar_of


def read(symbol: Symbol, text: str) -> s.Node:
    """Return the tree of one symbol and all below it."""
    return _Reader(text).node(symbol)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def node(self, symbol: Symbol) -> s.Node:
        core = self._READERS.get(symbol.type or "", _Reader._opaque)(self, symbol)
        if symbol.type == "path":
            return core
        if symbol.group is not None:
            return self._opaque(symbol)
        predicates = tuple(self.node(stage.expr) for stage in symbol.predicate or ())
        if predicates or symbol.keep_array:
            return s.Filtered(core, predicates, bool(symbol.keep_array), core.offset, core.length)
        return core

    def _nodes(self, symbols: Iterable[Symbol] | None) -> tuple[s.Node, ...]:
        return tuple(self.node(symbol) for symbol in symbols or ())

    # ---- places: a symbol's position is the end of its token --------------------------------------

    def _token(self, symbol: Symbol, width: int) -> tuple[int, int]:
        start = max(0, symbol.position - width)
        return start, symbol.position - start

    def _string_place(self, symbol: Symbol) -> tuple[int, int]:
        end = symbol.position
        quote = self._text[end - 1 : end]
        start = end - 2
        while start > 0 and not (self._text[start] == quote and not self._escaped(start)):
            start -= 1
        return max(start, 0), end - max(start, 0)

    def _escaped(self, position: int) -> bool:
        before = self._text[:position]
        return (len(before) - len(before.rstrip("\\"))) % 2 == 1

    def _name_place(self, symbol: Symbol) -> tuple[int, int]:
        end = symbol.position
        last = self._text[end - 1 : end]
        if last == "`":
            return self._token(symbol, len(str(symbol.value)) + 2)
        if last in "\"'":
            return self._string_place(symbol)
        return self._token(symbol, len(str(symbol.value)))

    def _span(self, first: s.Node, last: s.Node) -> tuple[int, int]:
        start, end = min(first.offset, last.offset), max(first.offset + first.length, last.offset + last.length)
        return start, end - start

    # ---- one method per kind of symbol ------------------------------------------------------------

    def _literal(self, symbol: Symbol) -> s.Node:
        if symbol.type == "string":
            return s.Literal(scalar_of(symbol), *self._string_place(symbol))
        return s.Literal(scalar_of(symbol), *self._number_place(symbol))

    def _number_place(self, symbol: Symbol) -> tuple[int, int]:
        head = self._text[: symbol.position]
        width = 0
        while (
            width < len(head) and (head[-1 - width].isalnum() or head[-1 - width] in ".+") and head[-1 - width] != ".."
        ):
            width += 1
        return self._token(symbol, max(width, 1))

    def _name(self, symbol: Symbol) -> s.Node:
        return s.Name(str(symbol.value), *self._name_place(symbol))

    def _wildcard(self, symbol: Symbol) -> s.Node:
        return s.Wildcard(*self._token(symbol, 1))

    def _variable(self, symbol: Symbol) -> s.Node:
        return s.Variable(str(symbol.value), *self._token(symbol, len(str(symbol.value)) + 1))

    def _regex(self, symbol: Symbol) -> s.Node:
        pattern = pattern_of(symbol)
        return s.Pattern(pattern, *self._token(symbol, len(pattern.pattern) + 2))

    def _path(self, symbol: Symbol) -> s.Node:
        steps = list(symbol.steps or ())
        if symbol.group is not None or any(_is_special(step) for step in steps):
            return self._opaque(symbol)
        read_steps = tuple(self._step(step) for step in steps)
        place = self._span(read_steps[0].node, read_steps[-1].node)
        return s.Path(read_steps, bool(symbol.keep_singleton_array), *place)

    def _step(self, symbol: Symbol) -> s.Step:
        stages = tuple(self.node(stage.expr) for stage in symbol.stages or ())
        node = self.node(symbol)
        if isinstance(node, s.Filtered) and not node.predicates:
            node = node.node  # `[]` on a step is noted on its path
        return s.Step(node, stages)

    def _binary(self, symbol: Symbol) -> s.Node:
        if symbol.value == "..":
            return self._opaque(symbol)
        left, right = self.node(symbol.lhs), self.node(symbol.rhs)
        return s.Binary(str(symbol.value), left, right, *self._span(left, right))

    def _unary(self, symbol: Symbol) -> s.Node:
        at, width = self._token(symbol, 1)
        if symbol.value == "[":
            return s.ArrayOf(self._nodes(symbol.expressions), at, width)
        if symbol.value == "{":
            pairs = tuple(s.Pair(self.node(key), self.node(value)) for key, value in symbol.lhs_object)
            return s.ObjectOf(pairs, at, width)
        return s.Negation(self.node(symbol.expression), at, width)

    def _condition(self, symbol: Symbol) -> s.Node:
        test, then = self.node(symbol.condition), self.node(symbol.then)
        otherwise = self.node(symbol._else) if symbol._else is not None else None
        if otherwise is not None and test == then:
            return s.Default(test, otherwise, *self._span(test, otherwise))
        if otherwise is not None and isinstance(test, s.Call) and test.arguments == (then,) and test.length == 0:
            return s.Coalesce(then, otherwise, *self._span(then, otherwise))
        return s.Condition(test, then, otherwise, *self._span(test, otherwise or then))

    def _function(self, symbol: Symbol) -> s.Node:
        if symbol.procedure.type != "variable" or symbol.procedure.predicate or not symbol.procedure.value:
            return self._opaque(symbol)
        name = str(symbol.procedure.value)
        # `??` calls a function that nobody wrote; it has no place in the text
        at, width = self._token(symbol.procedure, len(name) + 1) if symbol.procedure.position else (0, 0)
        return s.Call(name, self._nodes(symbol.arguments), at, width)

    def _lambda(self, symbol: Symbol) -> s.Node:
        if symbol.thunk:
            return self.node(symbol.body)
        if symbol.signature is not None:
            return self._opaque(symbol)
        parameters = tuple(str(argument.value) for argument in symbol.arguments or ())
        return s.Lambda(parameters, self.node(symbol.body), *self._token(symbol, 1))

    def _block(self, symbol: Symbol) -> s.Node:
        return s.Block(self._nodes(symbol.expressions), *self._token(symbol, 1))

    def _bind(self, symbol: Symbol) -> s.Node:
        name = self._variable(symbol.lhs)
        return s.Assignment(str(symbol.lhs.value), self.node(symbol.rhs), name.offset, name.length)

    def _apply(self, symbol: Symbol) -> s.Node:
        left, right = self.node(symbol.lhs), self.node(symbol.rhs)
        if isinstance(right, s.Call) and not isinstance(left, s.Lambda):
            return replace(right, arguments=(left, *right.arguments))
        return s.Opaque("apply", (left, right), (), right.offset, right.length)

    def _opaque(self, symbol: Symbol) -> s.Node:
        parts = tuple(self.node(part) for part in _parts(symbol))
        offset, length = self._token(symbol, 1)
        if symbol.type == "path" and parts:
            offset, length = parts[0].offset, parts[0].length
        return s.Opaque(_opaque_kind(symbol), parts, _bound_names(symbol), offset, length)

    _READERS: ClassVar[dict[str, Callable[[_Reader, Symbol], s.Node]]] = {
        "string": _literal,
        "number": _literal,
        "value": _literal,
        "name": _name,
        "wildcard": _wildcard,
        "variable": _variable,
        "regex": _regex,
        "path": _path,
        "binary": _binary,
        "unary": _unary,
        "condition": _condition,
        "function": _function,
        "lambda": _lambda,
        "block": _block,
        "bind": _bind,
        "apply": _apply,
    }


def _is_special(step: Symbol) -> bool:
    """Whether the step belongs to joins, sorting or grouping, or asks for parents."""
    if step.tuple is not None or step.focus is not None or step.index is not None or step.ancestor is not None:
        return True
    if step.type in ("sort", "parent", "descendant") or step.group is not None:
        return True
    return any(stage.type != "filter" for stage in step.stages or ())


def _parts(symbol: Symbol) -> list[Symbol]:
    """Everything that is evaluated somewhere inside a construct we do not model."""
    found: list[Symbol | None] = [symbol.lhs, symbol.rhs, symbol.expression, symbol.pattern, symbol.update]
    found += [symbol.delete, symbol.body, symbol.procedure, *(symbol.steps or ())]
    found += [
        argument for argument in symbol.arguments or () if symbol.type != "lambda" and argument.type != "operator"
    ]
    found += [term.expression for term in symbol.terms or ()]
    stages = [*(symbol.stages or ()), *(symbol.predicate or ())]
    found += [stage.expr for stage in stages if stage.type == "filter"]
    if symbol.group is not None:
        found += [part for pair in symbol.group.lhs_object for part in pair]
    return [part for part in found if part is not None]


def _bound_names(symbol: Symbol) -> tuple[str, ...]:
    names = [name for step in symbol.steps or () for name in (step.focus, step.index)]
    names += [stage.value for step in symbol.steps or () for stage in step.stages or () if stage.type == "index"]
    if symbol.type == "lambda":
        names += [argument.value for argument in symbol.arguments or ()]
    return tuple(str(name) for name in names if name)


def _opaque_kind(symbol: Symbol) -> str:
    if symbol.group is not None:
        return "group"
    if symbol.type == "binary":
        return "range"
    return str(symbol.type)
