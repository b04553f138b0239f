"""Objects of templates, field by field, and who wrote each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ccproxy.trace.made import Made, Note, Path, notes_of, under

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping import template as t
    from ccproxy.trace.interpreter import Interpreter
    from ccproxy.trace.scope import Scope


def made_object(interpreter: Interpreter, template: t.Object, scope: Scope) -> Made | None:
    value: JsonObject = {}
    notes: dict[Path, Note] = {}
    for source in template.merge:
        made = interpreter.value(source, scope)
        if made is not None and isinstance(made.value, dict):
            for key, item in made.value.items():
                write_field(value, notes, key, made.part(item, (key,)), scope.note(source.node.span))
    if template.copy is not None:
        _copy(interpreter, template.copy, value, notes, scope)
    for entry in template.fields:
        made = interpreter.value(entry.value, scope.field(entry.key))
        if made is not None:
            write_field(value, notes, entry.key, made, scope.note(entry.node.span))
    if not value and (template.merge or template.copy or template.fields):
        return None
    return Made(value, None, {(): scope.note(template.node.span), **notes})


def _copy(interpreter: Interpreter, copy: t.Copy, value: JsonObject, notes: dict[Path, Note], scope: Scope) -> None:
    source = scope.context if copy.source is None else interpreter.value(copy.source, scope)
    if source is None or not isinstance(source.value, dict):
        return
    for name in copy.names:
        key = str(name.value)
        item = source.value.get(key)
        if item is not None:
            write_field(value, notes, key, source.part(item, (key,)), scope.note(name.span))


def made_entries(interpreter: Interpreter, template: t.Entries, scope: Scope) -> Made | None:
    source = interpreter.value(template.source, scope)
    if source is None or not isinstance(source.value, dict):
        return None
    value: JsonObject = {}
    notes: dict[Path, Note] = {}
    for key, item in source.value.items():
        inner_value = source.part(item, (key,))
        inner = scope.over(inner_value, key=Made(key, None, {(): scope.note(template.node.span)}), value=inner_value)
        name = interpreter.value(template.name, inner) if template.name else Made(key)
        made = interpreter.value(template.body, inner)
        if made is not None:
            # like generated code, which takes any value for a key
            write_field(value, notes, name.value if name else None, made, scope.note(template.node.span))  # type: ignore[arg-type]
    return Made(value, None, {(): scope.note(template.node.span), **notes})


def write_field(value: dict[str, Json], notes: dict[Path, Note], key: str, made: Made, writer: Note) -> None:
    """Set a field and tell who wrote it; what was told of an earlier value is forgotten."""
    for path in [path for path in notes if path[:1] == (key,)]:
        del notes[path]
    value[key] = made.value
    told = under(key, notes_of(made))
    own = told.get((key,))
    if own is None or own.place is None:
        copied = own.copied if own else None
        sources = own.sources if own else ()
        told[key,] = replace(writer, sources=sources, copied=copied)
    notes.update(told)
