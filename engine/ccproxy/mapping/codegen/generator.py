"""Writes the Python functions of one protocol folder or quirk.

Every template is compiled in the mode its place asks for:
  value  computes it into a local name; None means nothing
  list   appends each output to `out`
  sink   hands each stream fragment to the sequencer's method of that name
  wire   appends each output, encoded, to `out`
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from typing import TYPE_CHECKING

from ccproxy.expr.emit import EmitScope, Want, emit_expression
from ccproxy.expr.emitter import Lines
from ccproxy.expr.missing import MISSING
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import PartFacts
from ccproxy.mapping.codegen import edits, flow, outputs, values
from ccproxy.mapping.codegen.absence import rank, rules_by_field
from ccproxy.mapping.codegen.deltas import is_constant
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES, Scope, function_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ccproxy.expr.emitter import Emitter
    from ccproxy.mapping.codegen.deltas import Delta
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.model import Table

# Root functions take what changes least first, so that a stream can bind it once.
ARGUMENTS = {"value": "v, c", "list": "v, c, out", "sink": "v, c, sink", "wire": "c, out, v"}
PART_ARGUMENTS = {"value": "v, c", "list": "v, c, out", "sink": "v, c, sink", "wire": "v, c, out"}


@dataclass(slots=True)
class Generator:
    """Generates functions into one emitter; a part is generated once per mode, when first used."""

    emitter: Emitter
    parts: Mapping[str, t.Template]
    tables: Mapping[str, Table]
    framing: Framing | None = None
    facts: PartFacts = field(init=False)
    counts_events: bool = field(init=False, default=False)
    inline: frozenset[str] = frozenset()
    generic: bool = False
    certain: frozenset[str] = frozenset()
    hoisted: Lines | None = None
    only: str | None = None
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _bodies: dict[str, t.Template] = field(default_factory=dict)
    _wanted: list[tuple[str, str]] = field(default_factory=list)
    _written: int = 0

    def __post_init__(self) -> None:
        self._bodies = dict(self.parts)
        self.facts = PartFacts(self._bodies)

    def function(self, name: str, template: t.Template, mode: str, *, over_object: bool) -> None:
        """Write the function of a whole transform, then every part it needs."""
        self.counts_events = mode == "wire" and self._reads(template, "sequence")
        with self.emitter.block(f"def {name}({ARGUMENTS[mode]}):"):
            self._body(template, function_scope((), (), over_object=over_object), mode)
        self._write_parts()

    def delta(self, name: str, template: t.Template, delta: Delta) -> None:
        """Write the function of a stream's transform for deltas of one kind, whose fields it takes as arguments."""
        self.counts_events = self._reads(template, "sequence")
        emitter = self.emitter
        with emitter.block(f"def {name}(c, out):"):
            before = len(emitter.lines)
            with emitter.block(f"def write({', '.join(delta.arguments)}):"):
                start = len(emitter.lines)
                emitter.known.update(delta.known(emitter.constant(MISSING)))
                self.certain, self.hoisted = frozenset(delta.arguments), Lines()
                self._body(template, function_scope((), (), over_object=True), "wire")
                if any(re.search(r"\bv\b", line) for line in emitter.lines[start:]):
                    emitter.insert(start, f"v = {delta.event()}")
            emitter.insert_all(before, self.hoisted)
            self.certain, self.hoisted = frozenset(), None
            emitter.line("return write")
        self._write_parts()

    def once(self, code: str) -> str:
        """A name for what is computed once per stream."""
        assert self.hoisted is not None
        name = self.emitter.temp()
        self.hoisted.append((f"{name} = {code}", self.hoisted[-1][1]))
        return name

    def hoist(self, template: t.Dynamic, scope: Scope, write: Callable[[str], str]) -> str | None:
        """Compute something from an expression once per stream, where that is possible; returns its name.

        `write` gives the Python for it, from the atom of the expression.
        """
        if self.hoisted is None or not is_constant(template.expression, scope.variables):
            return None
        mark, emitter = len(self.emitter.lines), self.emitter
        name = self.named(write(values.write_value(self, template, scope)))
        self.hoisted.extend(emitter.take(mark))
        return name

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
        names = EmitScope(scope.context, scope.variables, scope.dicts, self.tables, scope.loose)
        return emit_expression(template.expression, self.emitter, names, want)

    def named(self, atom: str) -> str:
        """The atom under a fresh local name, so that it can be assigned to."""
        name = self.emitter.temp()
        self.emitter.line(f"{name} = {atom}")
        return name

    def field(self, source: str, name: str) -> str:
        """A field of an object, None for nothing."""
        read = f"{source}.get({name!r})"
        known = self.emitter.known.get(read)
        if known is None:
            known = self.emitter.known[read] = self.named(read)
        return known

    def settled(self, atom: str) -> str:
        """A local name that holds the atom; names are not assigned anew, so one that exists will do."""
        return atom if atom.isidentifier() and not iskeyword(atom) else self.named(atom)

    def inlines(self, template: t.Use, scope: Scope) -> bool:
        """Whether a part is written in place of its use: over the current value, an object, where it costs no space."""
        return self.may_inline(template) and scope.context in scope.dicts

    def may_inline(self, template: t.Template) -> bool:
        """Whether the template is a part that is written in place where the current value is an object."""
        return isinstance(template, t.Use) and template.of is None and str(template.name.value) in self.inline

    def inlined(self, template: t.Use, scope: Scope) -> tuple[t.Template, Scope]:
        """The body of a part, and what it sees: its own parameters, none of the variables around its use."""
        name = str(template.name.value)
        inner = replace(
            function_scope((), self.places.get(name) or scope.path or (name,)), context=scope.context, dicts=scope.dicts
        )
        given = {argument.key: argument for argument in template.arguments}
        for parameter in self.parameters(name):
            if parameter in given:
                inner = flow.bind(self, given[parameter], scope, inner)
            else:
                inner = inner.bind(**{parameter: "MISSING"})
        return self._bodies[name], inner

    def stored(self, atom: str, template: t.Template) -> str:
        """The atom as it goes into an output: a literal null becomes None."""
        if not self.facts.writes_null(template):
            return atom
        return "None" if atom == "NULL" else f"(None if {atom} is NULL else {atom})"

    def outlined(self, body: t.Template, mode: str, scope: Scope) -> str:
        """The name of a part made of the body of a loop, for items that are no objects."""
        name = next((name for name, known in self._bodies.items() if known is body), None)
        if name is None:
            name = f"{len(self._bodies)}_items"
            self._bodies[name] = body
            self.places[name] = scope.path
        self.want(name, mode)
        return name

    def _write_parts(self) -> None:
        while self._written < len(self._wanted):
            part, mode = self._wanted[self._written]
            self._written += 1
            self._write_part(part, mode)

    def _write_part(self, part: str, mode: str) -> None:
        """A part for any value, and before it one for objects, which reads fields without asking."""
        parameters = self.parameters(part)
        arguments = ", ".join([PART_ARGUMENTS[mode], *(f"p_{name}" for name in parameters)])
        name, body = f"part_{part}_{mode}", self._bodies[part]
        path = self.places.get(part) or (part,)
        with self.emitter.block(f"def {name}({arguments}):"):
            with self.emitter.block("if type(v) is not dict:"):
                self.emitter.line(f"return {name}_any({arguments})")
            if mode == "sink":
                self._write_shortcuts(body, function_scope(parameters, path, over_object=True))
            self._body(body, function_scope(parameters, path, over_object=True), mode, part=True)
        self.generic = True
        with self.emitter.block(f"def {name}_any({arguments}):"):
            self._body(body, function_scope(parameters, path), mode, part=True)
        self.generic = False

    def _write_shortcuts(self, body: t.Template, scope: Scope) -> None:
        """Objects of one field go straight to the rules of that field."""
        rules = rules_by_field(body)
        if not rules:
            return
        with self.emitter.block("if len(v) == 1:"):
            self.emitter.line("((only, value),) = v.items()")
            for field in sorted(rules, key=lambda field: rank(rules[field])):
                with self.emitter.block(f"if only == {field!r}:"):
                    self._write_shortcut(field, rules, scope)
                    self.emitter.line("return")

    def _write_shortcut(self, field: str, rules: Mapping[str, tuple[t.Template, ...]], scope: Scope) -> None:
        missing = self.emitter.constant(MISSING)
        for name in rules:
            present = name == field
            self.emitter.known[f"v.get({name!r})"] = "value" if present else "None"
            self.emitter.known[f"v.get({name!r}, {missing})"] = "value" if present else missing
        self.only = field
        for item in rules[field]:
            outputs.write_outputs(self, item, scope, "sink", "sink")
        self.only = None

    def _reads(self, template: t.Template, variable: str) -> bool:
        """Whether the template or any part reads the variable."""
        found = [template, *self._bodies.values()]
        return any(
            variable in inner.expression.variables
            for root in found
            for inner in t.walk(root)
            if isinstance(inner, t.Dynamic)
        )

    def _body(self, template: t.Template, scope: Scope, mode: str, *, part: bool = False) -> None:
        if mode == "value":
            result = values.write_value(self, template, scope)
            self.emitter.line(f"return {result if part else self.stored(result, template)}")
        else:
            self.emitter.line("pass")
            outputs.write_outputs(self, template, scope, mode, "sink" if mode == "sink" else "out")
