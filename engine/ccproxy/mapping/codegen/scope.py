"""What expressions see at one place of a generated function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

# Variables the engine binds; generated code reads them from the conversion's context `c`.
ENGINE_VARIABLES = (
    "request", "message", "head", "block", "argument_texts", "estimate", "sequence", "status", "target", "source",
    "created", "model", "unified",
)  # fmt: skip
# Those that always hold an object.
OBJECTS = frozenset(("target", "head"))


@dataclass(frozen=True, slots=True)
class Scope:
    """Python names of the current value and of each `$variable`; `path` leads to the template, for the loss report.

    `dicts` are names that surely hold an object, `loose` variables whose None is nothing.
    """

    context: str
    variables: Mapping[str, str]
    path: tuple[str, ...] = ()
    dicts: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset(ENGINE_VARIABLES) - OBJECTS

    def bind(self, **variables: str) -> Scope:
        return replace(self, variables={**self.variables, **variables}, loose=self.loose - variables.keys())

    def bind_loose(self, name: str, atom: str) -> Scope:
        """Bind a variable whose None is nothing; others say MISSING for that, and None for null."""
        return replace(self.bind(**{name: atom}), loose=self.loose | {name})

    def at(self, step: str) -> Scope:
        return replace(self, path=(*self.path, step))

    def over(self, context: str, **variables: str) -> Scope:
        """The scope inside a loop: another current value."""
        return replace(self.bind(**variables), context=context)

    def over_object(self) -> Scope:
        """The same scope where the current value is surely an object."""
        return replace(self, dicts=self.dicts | {self.context})


def function_scope(parameters: tuple[str, ...], path: tuple[str, ...], *, over_object: bool = False) -> Scope:
    """The scope at the top of a generated function; `over_object` says that its value is surely an object."""
    variables = {name: f"c.{name}" for name in ENGINE_VARIABLES}
    dicts = frozenset(f"c.{name}" for name in OBJECTS) | ({"v"} if over_object else set())
    return Scope("v", variables | {name: f"p_{name}" for name in parameters}, path, dicts)
