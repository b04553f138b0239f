"""Templates straight to JSON bytes: what is literal is encoded when code is generated, the rest when it runs.

    { type: delta, index: = index, text: = text }   ->   b'{"type":"delta","index":%b%b}' % (dumps(t1), ...)

A field that yields nothing takes its comma with it: fields after the first certain one carry a leading comma,
those before it a trailing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ccproxy.expr import syntax as s
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import is_certain
from ccproxy.mapping.codegen import values

if TYPE_CHECKING:
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.codegen.generator import Generator
    from ccproxy.mapping.codegen.scope import Scope


class Pieces:
    """The bytes of an event under construction: text, what is constant for a whole stream, and what is not."""

    def __init__(self) -> None:
        self._done: list[tuple[bytes, str]] = []
        self._text = b""
        self._constants: list[str] = []

    def literal(self, text: bytes) -> None:
        self._text += text.replace(b"%", b"%%")

    def constant(self, name: str) -> None:
        """Bytes that a stream has from its start on; they become one with the text around them."""
        self._text += b"%b"
        self._constants.append(name)

    def argument(self, expression: str, form: bytes = b"%b") -> None:
        self._end_text()
        self._done.append((form, expression))

    def known(self, name: str) -> None:
        """An argument of a delta function: its text is well-formed, its numbers are small."""
        if name.endswith("index"):
            self.argument(name, b"%d")
        else:
            self.argument(f"dumps_text({name})")

    def _end_text(self) -> None:
        if self._constants:
            self._done.append((b"%b", f"{self._text!r} % ({', '.join(self._constants)},)"))
        elif self._text:
            self._done.append((self._text, ""))
        self._text, self._constants = b"", []

    def code(self, g: Generator) -> str:
        self._end_text()
        done = [(form, g.once(code) if " % (" in code else code) for form, code in self._done]
        arguments = [code for _, code in done if code]
        if len(done) <= SHORT and arguments and all(form == b"%b" or not code for form, code in done):
            return " + ".join(code or repr(form.replace(b"%%", b"%")) for form, code in done)
        form = b"".join(form for form, _ in done)
        return f"{form!r} % ({', '.join(arguments)},)" if arguments else repr(form.replace(b"%%", b"%"))


# Up to so many pieces are added; more are formatted.
SHORT = 4


def write_framed(g: Generator, template: t.Object, scope: Scope, framing: Framing) -> str | None:
    """Python for the framed bytes of one event; None when this template must be built as an object."""
    around = framing.around(_event_name(template, framing.event_name))
    if around is None or not can_encode(g, template):
        return None
    pieces = Pieces()
    pieces.literal(around[0])
    _object(g, template, scope, pieces)
    pieces.literal(around[1])
    return pieces.code(g)


def _event_name(template: t.Object, field: str | None) -> str | None:
    for entry in template.fields:
        if entry.key == field and isinstance(entry.value, t.Literal) and isinstance(entry.value.value, str):
            return entry.value.value
    return None


def can_encode(g: Generator, template: t.Object) -> bool:
    """Whether the object has a certain field to hang commas on, and nothing that decides its keys at run time."""
    return (
        not template.merge and template.copy is None and any(_is_certain(g, entry.value) for entry in template.fields)
    )


def _is_certain(g: Generator, template: t.Template) -> bool:
    """Whether the template yields a value here, perhaps because it is an argument of a delta function."""
    if isinstance(template, t.Object) and template.fields:
        return can_encode(g, template) or is_certain(template)
    return is_certain(template) or (isinstance(template, t.Dynamic) and _argument(g, template) is not None)


def _argument(g: Generator, template: t.Dynamic) -> str | None:
    """The argument of a delta function that an expression comes to."""
    path = template.expression.ast
    if not g.certain or not isinstance(path, s.Path) or len(path.steps) > 1 or path.keep or path.steps[0].stages:
        return None
    name = path.steps[0].node
    known = g.emitter.known.get(f"v.get({name.name!r})") if isinstance(name, s.Name) else None
    return known if known in g.certain else None


def _object(g: Generator, template: t.Object, scope: Scope, pieces: Pieces) -> None:
    anchor = next(place for place, entry in enumerate(template.fields) if _is_certain(g, entry.value))
    pieces.literal(b"{")
    for place, entry in enumerate(template.fields):
        key = orjson.dumps(entry.key) + b":"
        if place == anchor:
            pieces.literal(key)
            _value(g, entry.value, scope.at(entry.key), pieces)
        elif _is_certain(g, entry.value):
            pieces.literal(b"," + key)
            _value(g, entry.value, scope.at(entry.key), pieces)
        else:
            _uncertain(g, entry, scope, pieces, before=place < anchor)
    pieces.literal(b"}")


def _uncertain(g: Generator, entry: t.Field, scope: Scope, pieces: Pieces, *, before: bool) -> None:
    key = orjson.dumps(entry.key) + b":"

    def whole(atom: str, stored: str) -> str:
        text = f"{key!r} + dumps({stored}) + b','" if before else f"{b',' + key!r} + dumps({stored})"
        return f"{text} if {atom} is not None else b''"

    if isinstance(entry.value, t.Dynamic):
        hoisted = g.hoist(entry.value, scope, lambda atom: whole(atom, atom))
        if hoisted is not None:
            pieces.constant(hoisted)
            return
    atom = values.write_value(g, entry.value, scope.at(entry.key))
    stored = g.stored(atom, entry.value)
    g.emitter.at(entry.node.span)
    pieces.argument(g.named(whole(atom, stored)))


def _value(g: Generator, template: t.Template, scope: Scope, pieces: Pieces) -> None:
    match template:
        case t.Literal(value=value):
            pieces.literal(orjson.dumps(value))
        case t.Dynamic() if (argument := _argument(g, template)) is not None:
            pieces.known(argument)
        case t.Object() if can_encode(g, template):
            _object(g, template, scope, pieces)
        case t.Object(fields=(), merge=(), copy=None):
            pieces.literal(b"{}")
        case t.Array(items=items) if all(isinstance(item, t.Literal) for item in items):
            pieces.literal(orjson.dumps([item.value for item in items if isinstance(item, t.Literal)]))
        case t.Array(items=(t.Object() as only,)) if can_encode(g, only):
            pieces.literal(b"[")
            _object(g, only, scope, pieces)
            pieces.literal(b"]")
        case _:
            atom = values.write_value(g, template, scope)
            pieces.argument(f"dumps({g.stored(atom, template)})")
