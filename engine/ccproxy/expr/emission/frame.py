"""`Frame`: where an expression is being written: its context, variables, and whether it surely runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ccproxy.expr.emission.code import Code


@dataclass(frozen=True, slots=True)
class Frame:
    """One place in the expression.

    root: the context is the whole input, and an array there is one value; inside a path or predicate, an array that is
    the context is run over.  lazy: the code may not run, so names must be given by `:=`.  step: inside a path step,
    where single results must not be kept in arrays.
    """

    context: str
    root: bool
    variables: Mapping[str, Code]
    dicts: frozenset[str]
    known: dict[str, str]
    lazy: bool = False
    step: bool = False
    input: str = field(default="")
    outer: frozenset[str] = frozenset()  # variables that come from outside of the expression

    def branch(self) -> Frame:
        """The same place, only sometimes reached."""
        return replace(self, lazy=True, known=dict(self.known))

    def inside(self, context: str) -> Frame:
        """A predicate or step over `context`."""
        return replace(self, context=context, root=False, lazy=True, step=True, known=dict(self.known))

    def bind(self, name: str, code: Code) -> Frame:
        return replace(self, variables={**self.variables, name: code}, outer=self.outer - {name})

    def is_outer(self, name: str) -> bool:
        return name in self.outer

    def assume_dict(self, name: str) -> Frame:
        return replace(self, dicts=self.dicts | {name})
