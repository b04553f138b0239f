"""Templates in list context: statements that deliver every output of one to a list, a sequencer or the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import is_certain
from ccproxy.mapping.codegen import flow, values

if TYPE_CHECKING:
    from ccproxy.mapping.codegen.generator import Generator
    from ccproxy.mapping.codegen.scope import Scope


def write_outputs(g: Generator, template: t.Template, scope: Scope, mode: str, target: str) -> None:
    """Deliver every output of the template, as the mode says, to `target`."""

    def deliver(inner: t.Template, inner_scope: Scope) -> None:
        _deliver(g, inner, inner_scope, mode, target)

    if mode == "sink" and only_fragment(template, "message"):
        with g.emitter.block("if sink.wants_message:"):
            flow.write_flow(g, template, scope, deliver)
        return
    flow.write_flow(g, template, scope, deliver)


def write_loop(g: Generator, template: t.Each, source: str, scope: Scope, mode: str, target: str) -> None:
    """The loop of an `$each` whose source is known not to be nothing."""
    item, index = g.emitter.temp(), g.emitter.temp()
    items = f"({source} if type({source}) is list else as_items({source}))"
    counts = _reads_index(template.body)
    header = f"for {index}, {item} in enumerate({items}):" if counts else f"for {item} in {items}:"
    with g.emitter.block(header):
        g.emitter.line("pass")
        write_outputs(g, template.body, scope.over(item, item=item, index=index), mode, target)


def _deliver(g: Generator, template: t.Template, scope: Scope, mode: str, target: str) -> None:
    match template:
        case t.Array(items=items):
            for item in items:
                write_outputs(g, item, scope, mode, target)
        case t.Each():
            source = values.write_value(g, template.source, scope)
            with g.emitter.block(f"if {source} is not None:"):
                write_loop(g, template, source, scope, mode, target)
        case t.Use() if str(template.name.value) in g.parts and (mode != "list" or g.facts.is_many(template)):
            _use(g, template, scope, mode, target)
        case t.Object(merge=(), copy=None) if mode == "sink":
            _fragments(g, template, scope)
        case _:
            _append(g, template, scope, mode, target)


def _use(g: Generator, template: t.Use, scope: Scope, mode: str, target: str) -> None:
    of = values.use_operand(g, template, scope)
    name = g.want(str(template.name.value), mode)
    call = f"{name}({', '.join([of, 'c', target, *values.use_arguments(g, template, scope)])})"
    g.emitter.line(call if template.of is None else f"if {of} is not None: {call}")


def _fragments(g: Generator, template: t.Object, scope: Scope) -> None:
    for entry in template.fields:
        atom = values.write_value(g, entry.value, scope.at(entry.key))
        g.emitter.at(entry.node.span)
        g.emitter.line(f"if {atom}: sink.{entry.key}({atom})")


def _append(g: Generator, template: t.Template, scope: Scope, mode: str, target: str) -> None:
    atom = values.write_value(g, template, scope)
    if atom == "None":
        return
    stored = g.stored(atom, template)
    guard = "" if is_certain(template) else f"if {atom} is not None: "
    match mode:
        case "sink":
            g.emitter.line(f"{guard}sink.put({stored})")
        case "wire":
            g.emitter.line(f"{guard}{target}.append(encode({stored})); c.sequence += 1")
        case _:
            g.emitter.line(f"{guard}{target}.append({stored})")


def only_fragment(template: t.Template, kind: str) -> bool:
    """Whether the template can yield no other fragment than this kind."""
    match template:
        case t.Object(fields=fields, merge=(), copy=None):
            return [entry.key for entry in fields] == [kind]
        case t.If(then=then, otherwise=None):
            return only_fragment(then, kind)
        case t.Let(body=body):
            return only_fragment(body, kind)
        case _:
            return False


def _reads_index(template: t.Template) -> bool:
    return any("index" in inner.expression.variables for inner in t.walk(template) if isinstance(inner, t.Dynamic))
