"""Runs interpreted transforms the way generated code runs: values, fragments for a sequencer, events for the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.mapping import template as t
from ccproxy.mapping.codegen.outputs import only_fragment
from ccproxy.mapping.codegen.runtime import NULL, has_pointer, set_pointer
from ccproxy.trace.interpreter import Loss
from ccproxy.trace.made import Made, Note, Path, Ref, notes_of, under
from ccproxy.trace.scope import Conversion, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.trace.interpreter import Interpreter
    from ccproxy.unified.sequencer import Sequencer


def root_scope(value: Json, conversion: Conversion) -> Scope:
    """What the outermost rule of a transform sees."""
    return Scope(conversion, Made(value, Ref("", ())), {})


def fragments(
    interpreter: Interpreter, template: t.Template, scope: Scope, sink: Sequencer
) -> Iterator[tuple[str, Made]]:
    """Yield each fragment before the next one is computed, since what the sink was told may change it.

    A whole object that is no template comes under the empty name.
    """
    if only_fragment(template, "message") and not sink.wants_message:
        return
    settled = interpreter.settled(template, scope, enter=False)
    if settled is None:
        return
    match settled:
        case t.Use() as use, inner if interpreter.is_part(use):
            entered = interpreter.entered(use, inner)
            if entered is not None:
                yield from fragments(interpreter, *entered, sink)
        case t.Array(items=items), inner:
            for item in items:
                yield from fragments(interpreter, item, inner, sink)
        case t.Each(body=body) as each, inner:
            for item_scope in interpreter.over_items(each, inner):
                yield from fragments(interpreter, body, item_scope, sink)
        case t.Object(merge=(), copy=None, fields=fields), inner:
            for entry in fields:
                made = interpreter.value(entry.value, inner.field(entry.key))
                if made is not None and (made.value or made.value is None):
                    yield entry.key, made
        case leaf, inner:
            made = interpreter.value(leaf, inner)
            if made is not None:
                yield "", made


def edited(
    interpreter: Interpreter, template: t.Template, body: JsonObject, conversion: Conversion
) -> tuple[JsonObject, dict[Path, Note]]:
    """A message after a quirk's edit, and who wrote what is new in it."""
    scope = root_scope(body, conversion)
    whole = Ref("", ())
    changed = dict(body)
    notes: dict[Path, Note] = {(): Note(None, (whole,), whole)}
    settled = interpreter.settled(template, scope)
    if settled is not None and isinstance(settled[0], t.Object):
        _change_fields(interpreter, settled[0], settled[1], body, changed, notes)
    elif settled is not None:
        _spread(interpreter, *settled, changed, notes)
    return changed, notes


def _change_fields(
    interpreter: Interpreter,
    template: t.Object,
    scope: Scope,
    body: JsonObject,
    changed: JsonObject,
    notes: dict[Path, Note],
) -> None:
    for source in template.merge:
        _spread(interpreter, source, scope, changed, notes)
    for entry in template.fields:
        path = path_of(entry.key)
        pointer = entry.key if entry.key.startswith("/") else "/" + entry.key.replace("~", "~0").replace("/", "~1")
        if isinstance(entry.value, t.Drop):
            if has_pointer(body, pointer):
                label = ".".join((*scope.label, entry.key))
                scope.conversion.dropped.append((label, entry.value.reason))
                interpreter.losses.append(Loss(label, entry.value.reason, entry.node.span))
                set_pointer(changed, pointer, None)
            continue
        made = interpreter.value(entry.value, scope.field(entry.key))
        _set(changed, notes, pointer, path, made, scope.note(entry.node.span))


def _set(
    changed: JsonObject, notes: dict[Path, Note], pointer: str, path: Path, made: Made | None, writer: Note
) -> None:
    for inner in [inner for inner in notes if inner[: len(path)] == path]:
        del notes[inner]
    if made is None:
        set_pointer(changed, pointer, None)
        return
    set_pointer(changed, pointer, NULL if made.value is None else made.value)
    told: dict[Path, Note] = {(): writer, **notes_of(made)}
    notes.update({(*path, *inner): note for inner, note in told.items()})


def _spread(
    interpreter: Interpreter, template: t.Template, scope: Scope, changed: JsonObject, notes: dict[Path, Note]
) -> None:
    made = interpreter.value(template, scope)
    if made is None or not isinstance(made.value, dict):
        return
    changed.update(made.value)
    for key, item in made.value.items():
        notes.update(under(key, notes_of(made.part(item, (key,)))))


def path_of(key: str) -> Path:
    """The place that a key of an edit names: a field, or a JSON pointer."""
    if not key.startswith("/"):
        return (key,)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in key[1:].split("/"))


def tell(sink: Sequencer, kind: str, made: Made) -> None:
    """Hand a fragment to the sequencer."""
    if kind:
        method: Callable[[Json], None] = getattr(sink, kind)
        method(made.value)
    elif isinstance(made.value, dict):
        sink.put(made.value)
