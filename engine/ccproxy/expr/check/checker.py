"""`check_expression`: walks the tree once, reports mistakes and infers the shape of every node.

A part that is wrong has the shape `any`, so that one mistake is one problem.
"""

from __future__ import annotations

from collections.abc import Iterable

from ccproxy.expr import syntax as s
from ccproxy.expr.builtins import BUILTINS
from ccproxy.expr.check import functions, operands, paths
from ccproxy.expr.check.environment import Environment
from ccproxy.expr.check.narrowing import narrowed
from ccproxy.expr.check.problems import Problem, StaticScope, problem, suggestion
from ccproxy.expr.check.reads import Reads
from ccproxy.expr.helpers.catalogue import HELPERS
from ccproxy.expr.parse import Expression
from ccproxy.shapes.shape import Shape, union


def check_expression(expression: Expression, scope: StaticScope) -> tuple[list[Problem], Shape]:
    """Return the mistakes in order of their place, and the shape of the result."""
    checker = Checker(scope.reads)
    shape = checker.shape(expression.ast, scope.environment())
    return sorted(set(checker.problems), key=lambda found: (found.offset, found.code)), shape


def check_condition(expression: Expression, scope: StaticScope) -> tuple[list[Problem], StaticScope, StaticScope]:
    """Return the mistakes, and what is known where the condition holds and where it does not."""
    checker = Checker(scope.reads)
    env = scope.environment()
    checker.test(expression.ast, env)
    holds, fails = narrowed(expression.ast, env)
    found = sorted(set(checker.problems), key=lambda found: (found.offset, found.code))
    return found, scope.within(holds), scope.within(fails)


class Checker:
    """Holds the problems found so far; `reads` is told which fields are read."""

    def __init__(self, reads: Reads | None = None) -> None:
        self.problems: list[Problem] = []
        self.reads = reads
        self._testing = 0

    def report(self, code: str, message: str, node: s.Node, help_text: str = "") -> None:
        self.problems.append(problem(code, message, node, help_text))

    @property
    def testing(self) -> bool:
        """Whether the value at hand is only asked about."""
        return bool(self._testing)

    def note_read(self, owner: Shape, field: str) -> None:
        if self.reads is not None:
            self.reads.read(owner, field, testing=self.testing)

    def note_sound(self, node: s.Node) -> None:
        """Note that a field exists, by the schema."""
        if self.reads is not None:
            self.reads.sound.add(node.offset)

    def note_carried(self, shape: Shape, without: Iterable[str] | None = None) -> None:
        if self.reads is None or self._testing:
            return
        if without is None:
            self.reads.carry(shape)
        else:
            self.reads.carry_without(shape, without)

    def test(self, node: s.Node, env: Environment) -> Shape:
        """The shape of something that is only asked about: its value goes nowhere."""
        self._testing += 1
        shape = self.shape(node, env)
        self._testing -= 1
        return shape

    def carried(self, node: s.Node, env: Environment) -> Shape:
        """The shape of something whose whole value goes into the result."""
        shape = self.shape(node, env)
        self.note_carried(shape)
        return shape

    def shape(self, node: s.Node, env: Environment) -> Shape:
        match node:
            case s.Literal(value=value):
                return Shape.literal(value)
            case s.Variable():
                return self._variable(node, env)
            case s.Path():
                return paths.path(self, node, env)
            case s.Filtered():
                return paths.filtered(self, node, env)
            case s.Binary():
                return operands.binary(self, node, env)
            case s.Negation(operand=operand):
                operands.check_number(self, operand, self.shape(operand, env), "-")
                return Shape.of("number")
            case s.ArrayOf(items=items):
                return Shape.array(union(*(self._items(item, env) for item in items)) if items else Shape.nothing())
            case s.ObjectOf():
                return self._object(node, env)
            case s.Condition():
                return self._condition(node, env)
            case s.Coalesce(left=left, right=right) | s.Default(left=left, right=right):
                return union(self.shape(left, env), self.shape(right, env))
            case s.Call():
                return functions.call(self, node, env)
            case s.Lambda():
                return self.body(node, env, ())
            case s.Block(items=items):
                return self._block(items, env)
            case s.Assignment(value=value):
                return self.shape(value, env)
            case s.Opaque():
                return self._opaque(node, env)
            case _:
                return Shape.any()

    def body(self, function: s.Lambda, env: Environment, arguments: tuple[Shape, ...]) -> Shape:
        """The result of a function for arguments of these shapes."""
        for position, name in enumerate(function.parameters):
            env = env.bind(name, arguments[position] if position < len(arguments) else Shape.any())
        return self.shape(function.body, env)

    def _variable(self, node: s.Variable, env: Environment) -> Shape:
        if node.name == "":
            return env.context
        if node.name == "$":
            return env.root
        if node.name in env.variables:
            return env.variables[node.name]
        if node.name not in BUILTINS and node.name not in HELPERS and node.name not in env.tables:
            help_text = suggestion(node.name, env.variables, prefix="$", what="variables")
            self.report("X303", f"undefined variable `${node.name}`", node, help_text)
        return Shape.any()

    def _items(self, node: s.Node, env: Environment) -> Shape:
        shape = self.shape(node, env)
        if isinstance(node, s.ArrayOf) or shape.is_any:
            return shape
        return union(shape.without("array"), shape.items()) if "array" in shape.kinds() else shape

    def _object(self, node: s.ObjectOf, env: Environment) -> Shape:
        fields: dict[str, Shape] = {}
        for pair in node.pairs:
            self.shape(pair.key, env)
            shape = self.shape(pair.value, env)
            if isinstance(pair.key, s.Literal):
                fields[str(pair.key.value)] = shape
        return Shape.object(fields, open=len(fields) < len(node.pairs))

    def _condition(self, node: s.Condition, env: Environment) -> Shape:
        self.test(node.test, env)
        yes, no = narrowed(node.test, env)
        then = self.shape(node.then, yes)
        return then if node.otherwise is None else union(then, self.shape(node.otherwise, no))

    def _block(self, items: tuple[s.Node, ...], env: Environment) -> Shape:
        shape = Shape.nothing()
        for item in items:
            if isinstance(item, s.Assignment) and isinstance(item.value, s.Lambda | s.Opaque):
                env = env.bind_function(item.name)
            shape = self.shape(item, env)
            if isinstance(item, s.Assignment) and item.name not in env.functions:
                env = env.bind(item.name, shape)
        return shape

    def _opaque(self, node: s.Opaque, env: Environment) -> Shape:
        """Names are checked, paths are not: what the context is inside is not modelled."""
        first = node.parts[0] if node.parts else None
        if node.kind == "function" and isinstance(first, s.Path) and functions.forgotten_dollar(self, first):
            return Shape.any()
        for name in node.binds:
            env = env.bind(name, Shape.any())
        for part in node.parts:
            self.shape(part, env.at(Shape.any()))
        return Shape.any()
