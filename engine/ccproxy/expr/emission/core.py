"""`Emission`: writes one expression; dispatches on the kind of node."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from ccproxy.expr import syntax as s
from ccproxy.expr.emission import calls, constructors, logic, operators, paths
from ccproxy.expr.emission.code import Code, Kind, Need, NotCompiled
from ccproxy.expr.emission.frame import Frame
from ccproxy.expr.emission.functions import table_function
from ccproxy.expr.emitter import Emitter
from ccproxy.expr.missing import MISSING
from ccproxy.expr.runtime.paths import sequence, wildcard
from ccproxy.expr.tables import SharedTable

# A string literal, or a parenthesis outside of one.
_OUTSIDE_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[()]")


class Emission:
    """Everything the parts of the compiler need while they write one expression."""

    def __init__(self, emitter: Emitter, tables: Mapping[str, SharedTable]) -> None:
        self.emitter = emitter
        self.tables = tables

    # ---- nodes ------------------------------------------------------------------------------------

    def value(self, node: s.Node, frame: Frame, need: Need = Need.EXACT) -> Code:
        """Write the node as a finished value."""
        code = self.finish(self.write(node, frame, need), frame, need)
        known = frame.known.get(code.text)
        return replace(code, text=known) if known else code

    def write(self, node: s.Node, frame: Frame, need: Need) -> Code:
        """Write the node; the result may be a raw sequence."""
        match node:
            case s.Path():
                return paths.path(self, node, frame, need)
            case s.Wildcard():
                return Code(self.call(wildcard, frame.context))
            case s.Literal(value=value):
                return constructors.literal(value)
            case s.Variable():
                return paths.variable(self, node, frame, need)
            case s.Binary():
                return operators.binary(self, node, frame)
            case s.Negation():
                return operators.negation(self, node, frame)
            case s.Condition() | s.Coalesce() | s.Default():
                return logic.choice(self, node, frame, need)
            case s.Call():
                return calls.call(self, node, frame)
            case s.Filtered():
                return paths.filtered(self, node, frame)
            case s.ArrayOf():
                return constructors.array(self, node, frame)
            case s.ObjectOf():
                return constructors.object_of(self, node, frame)
            case s.Block():
                return constructors.block(self, node, frame, need)
            case _:
                raise NotCompiled(type(node).__name__)

    def condition(self, node: s.Node, frame: Frame) -> str:
        """Write the node as a Python condition with JSONata's idea of truth."""
        return logic.condition(self, node, frame)

    def truth(self, code: Code, frame: Frame) -> str:
        """A value that has been written, as a Python condition."""
        return logic.truth_of(self, code, frame)

    def table_function(self, table: SharedTable) -> object:
        """The function of a shared table; one per table and module."""
        made = self.emitter.made.get(id(table))
        if made is None:
            made = self.emitter.made[id(table)] = table_function(table)
        return made

    # ---- names ------------------------------------------------------------------------------------

    def name(self, code: Code, frame: Frame) -> tuple[str, str]:
        """Give the code a name: its first use (which may assign it) and every later use."""
        if code.is_atom or code.is_literal:
            return code.text, code.text
        if code.text in frame.known:
            known = frame.known[code.text]
            return known, known
        name = self.emitter.temp()
        frame.known[code.text] = name
        if frame.lazy:
            return f"({name} := {code.text})", name
        self.emitter.line(f"{name} = {bare(code.text)}")
        return name, name

    def call(self, function: object, *arguments: str) -> str:
        return f"{self.emitter.constant(function)}({', '.join(arguments)})"

    @property
    def missing(self) -> str:
        return self.emitter.constant(MISSING)

    def nothing(self, need: Need) -> str:
        return self.missing if need is Need.EXACT else "None"

    # ---- finishing --------------------------------------------------------------------------------

    def finish(self, code: Code, frame: Frame, need: Need) -> Code:
        """Take a single result out of a raw sequence, and tell nothing from null as needed."""
        if code.raw:
            code = Code(self.call(sequence, code.text), code.kinds | Kind.MISSING | Kind.NULL, items=code.text)
        if need is Need.LOOSE and not code.loose and code.can_be(Kind.MISSING):
            if code.text == self.missing:
                return Code("None", code.kinds, loose=True)
            first, later = self.name(code, frame)
            return Code(f"(None if {first} is {self.missing} else {later})", code.kinds | Kind.NULL, loose=True)
        return code

    def kept(self, code: Code) -> Code:
        """`[]` on a raw sequence."""
        return Code(f"({code.text} or {self.missing})", Kind.ARRAY | Kind.MISSING) if code.raw else code


def bare(text: str) -> str:
    """The text without parentheses around the whole of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for match in _OUTSIDE_STRINGS.finditer(text):
        depth += (match[0] == "(") - (match[0] == ")")
        if depth == 0 and match.end() < len(text):
            return text
    return text[1:-1]
