"""Templates straight to JSON bytes: what is literal is encoded when code is generated, the rest when it runs.

    { type: delta, index: = index, text: = text }   ->   b'{"type":"delta","index":%b%b}' % (dumps(t1), ...)

A field that yields nothing takes its comma with it: fields after the first certain one carry a leading comma,
those before it a trailing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import is_certain
from ccproxy.mapping.codegen import values

if TYPE_CHECKING:
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.codegen.generator import Generator
    from ccproxy.mapping.codegen.scope import Scope


class Pieces:
    """A bytes format string under construction, and the arguments it takes."""

    def __init__(self) -> None:
        self.format = b""
        self.arguments: list[str] = []

    def literal(self, text: bytes) -> None:
        self.format += text.replace(b"%", b"%%")

    def argument(self, expression: str) -> None:
        self.format += b"%b"
        self.arguments.append(expression)

    def known(self, name: str) -> None:
        """An argument of a delta function: its text is well-formed, its numbers are small."""
        if name.endswith("index"):
            self.format += b"%d"
            self.arguments.append(name)
        else:
            self.argument(f"dumps_text({name})")

    def code(self) -> str:
        if not self.arguments:
            return repr(self.format.replace(b"%%", b"%"))
        return f"{self.format!r} % ({', '.join(self.arguments)},)"


def write_framed(g: Generator, template: t.Object, scope: Scope, framing: Framing) -> str | None:
    """Python for the framed bytes of one event; None when this template must be built as an object."""
    around = framing.around(_event_name(template, framing.event_name))
    if around is None or not can_encode(template):
        return None
    pieces = Pieces()
    pieces.literal(around[0])
    _object(g, template, scope, pieces)
    pieces.literal(around[1])
    return pieces.code()


def _event_name(template: t.Object, field: str | None) -> str | None:
    for entry in template.fields:
        if entry.key == field and isinstance(entry.value, t.Literal) and isinstance(entry.value.value, str):
            return entry.value.value
    return None


def can_encode(template: t.Object) -> bool:
    """Whether the object has a certain field to hang commas on, and nothing that decides its keys at run time."""
    return not template.merge and template.copy is None and is_certain(template) and bool(template.fields)


def _object(g: Generator, template: t.Object, scope: Scope, pieces: Pieces) -> None:
    anchor = next(place for place, entry in enumerate(template.fields) if is_certain(entry.value))
    pieces.literal(b"{")
    for place, entry in enumerate(template.fields):
        key = orjson.dumps(entry.key) + b":"
        if place == anchor:
            pieces.literal(key)
            _value(g, entry.value, scope.at(entry.key), pieces)
        elif is_certain(entry.value):
            pieces.literal(b"," + key)
            _value(g, entry.value, scope.at(entry.key), pieces)
        else:
            _uncertain(g, entry, scope, pieces, before=place < anchor)
    pieces.literal(b"}")


def _uncertain(g: Generator, entry: t.Field, scope: Scope, pieces: Pieces, *, before: bool) -> None:
    key = orjson.dumps(entry.key) + b":"
    atom = values.write_value(g, entry.value, scope.at(entry.key))
    if atom in g.certain:
        pieces.literal(key if before else b"," + key)
        pieces.known(atom)
        pieces.literal(b"," if before else b"")
        return
    stored = g.stored(atom, entry.value)
    g.emitter.at(entry.node.span)
    whole = f"{key!r} + dumps({stored}) + b','" if before else f"{b',' + key!r} + dumps({stored})"
    pieces.argument(g.named(f"{whole} if {atom} is not None else b''"))


def _value(g: Generator, template: t.Template, scope: Scope, pieces: Pieces) -> None:
    match template:
        case t.Literal(value=value):
            pieces.literal(orjson.dumps(value))
        case t.Object() if can_encode(template):
            _object(g, template, scope, pieces)
        case t.Object(fields=(), merge=(), copy=None):
            pieces.literal(b"{}")
        case t.Array(items=items) if all(isinstance(item, t.Literal) for item in items):
            pieces.literal(orjson.dumps([item.value for item in items if isinstance(item, t.Literal)]))
        case t.Array(items=(t.Object() as only,)) if can_encode(only):
            pieces.literal(b"[")
            _object(g, only, scope, pieces)
            pieces.literal(b"]")
        case _:
            atom = values.write_value(g, template, scope)
            pieces.argument(f"dumps({g.stored(atom, template)})")
