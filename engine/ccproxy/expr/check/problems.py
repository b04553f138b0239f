"""`Problem`: one mistake, at its characters in the expression."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.expr import syntax as s
from ccproxy.expr.check.environment import Environment, KnownFields, Place
from ccproxy.expr.check.reads import Reads
from ccproxy.expr.tables import SharedTable
from ccproxy.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    message: str
    offset: int
    length: int
    help: str = ""


@dataclass(frozen=True, slots=True)
class StaticScope:
    """What is known about the values an expression works with."""

    context: Shape
    variables: Mapping[str, Shape] = field(default_factory=dict)
    tables: Mapping[str, SharedTable] = field(default_factory=dict)
    refined: Mapping[Place, Shape] = field(default_factory=dict)
    wide: Mapping[Place, Shape] = field(default_factory=dict)
    fields: KnownFields = field(default_factory=dict)
    reads: Reads | None = None

    def environment(self) -> Environment:
        return Environment(
            self.context, self.context, self.variables, self.tables, frozenset(), self.refined, self.wide, self.fields
        )

    def within(self, env: Environment) -> StaticScope:
        """The same scope with what a test told."""
        return StaticScope(env.context, env.variables, self.tables, env.refined, env.wide, self.fields, self.reads)


Report = Callable[[Problem], None]


def problem(code: str, message: str, node: s.Node, help_text: str = "") -> Problem:
    return Problem(code, message, node.offset, max(1, node.length), help_text)


def suggestion(name: str, names: Iterable[str], *, prefix: str = "", what: str = "names") -> str:
    """What to write instead: the closest name, else the few there are."""
    known = sorted(names)
    meant = closest(name, known)
    if meant is not None:
        return f"write `{prefix}{meant}`"
    return f"the {what} here: {quoted_list((prefix + entry for entry in known), 'and')}" if known else ""
