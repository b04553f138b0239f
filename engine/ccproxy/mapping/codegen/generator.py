"""Writes the Python functions of one protocol folder or quirk.

Every template is compiled in the mode its place asks for:
  value  computes it into a local name; None means nothing
  list   appends each output to `out`
  sink   hands each stream fragment to the sequencer's method of that name
  wire   appends each output, encoded, to `out`
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.expr.emit import EmitScope, Want, emit_expression
from ccproxy.mapping.analysis import PartFacts
from ccproxy.mapping.codegen import edits, outputs, values
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES, Scope, function_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.expr.emitter import Emitter
    from ccproxy.mapping import template as t
    from ccproxy.mapping.model import Table

# Root functions take what changes least first, so that a stream can bind it once.
ARGUMENTS = {"value": "v, c", "list": "v, c, out", "sink": "v, c, sink", "wire": "c, out, v"}
ENGINE_NAMES = frozenset(ENGINE_VARIABLES)
PART_ARGUMENTS = {"value": "v, c", "list": "v, c, out", "sink": "v, c, sink", "wire": "v, c, out"}


@dataclass(slots=True)
class Generator:
    """Generates functions into one emitter; a part is generated once per mode, when first used."""

    emitter: Emitter
    parts: Mapping[str, t.Template]
    tables: Mapping[str, Table]
    facts: PartFacts = field(init=False)
    _wanted: list[tuple[str, str]] = field(default_factory=list)
    _written: int = 0

    def __post_init__(self) -> None:
        self.facts = PartFacts(self.parts)

    def function(self, name: str, template: t.Template, mode: str, *, over_object: bool) -> None:
        """Write the function of a whole transform, then every part it needs."""
        with self.emitter.block(f"def {name}({ARGUMENTS[mode]}):"):
            self._body(template, function_scope((), (), over_object=over_object), mode)
        self._write_parts()

    def edit(self, name: str, template: t.Template) -> None:
        """Write a function that returns a changed copy of a message."""
        with self.emitter.block(f"def {name}(v, c):"):
            edits.write_edit(self, template, function_scope((), (), over_object=True))
        self._write_parts()

    def want(self, part: str, mode: str) -> str:
        """The name of a part's function in that mode."""
        if (part, mode) not in self._wanted:
            self._wanted.append((part, mode))
        return f"part_{part}_{mode}"

    def parameters(self, part: str) -> tuple[str, ...]:
        """Variables that users of the part must give it."""
        return tuple(sorted(self.facts.free_variables(part) - set(ENGINE_VARIABLES)))

    def expression(self, template: t.Dynamic, scope: Scope, want: Want) -> str:
        self.emitter.at(template.node.span)
        names = EmitScope(scope.context, scope.variables, scope.dicts, self.tables, ENGINE_NAMES)
        return emit_expression(template.expression, self.emitter, names, want)

    def named(self, atom: str) -> str:
        """The atom under a fresh local name, so that it can be assigned to."""
        name = self.emitter.temp()
        self.emitter.line(f"{name} = {atom}")
        return name

    def stored(self, atom: str, template: t.Template) -> str:
        """The atom as it goes into an output: a literal null becomes None."""
        if not self.facts.writes_null(template):
            return atom
        return "None" if atom == "NULL" else f"(None if {atom} is NULL else {atom})"

    def _write_parts(self) -> None:
        while self._written < len(self._wanted):
            part, mode = self._wanted[self._written]
            self._written += 1
            parameters = self.parameters(part)
            arguments = ", ".join([PART_ARGUMENTS[mode], *(f"p_{name}" for name in parameters)])
            with self.emitter.block(f"def part_{part}_{mode}({arguments}):"):
                self._body(self.parts[part], function_scope(parameters, (part,)), mode, part=True)

    def _body(self, template: t.Template, scope: Scope, mode: str, *, part: bool = False) -> None:
        if mode == "value":
            result = values.write_value(self, template, scope)
            self.emitter.line(f"return {result if part else self.stored(result, template)}")
        else:
            self.emitter.line("pass")
            outputs.write_outputs(self, template, scope, mode, "sink" if mode == "sink" else "out")
