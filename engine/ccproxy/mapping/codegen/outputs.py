"""Templates in list context: statements that deliver every output of one to a list, a sequencer or the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr.emit import Want
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import is_certain
from ccproxy.mapping.codegen import flow, jsonbytes, values

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
    """The loop of an `$each`; `source` holds a list."""
    item, index = g.emitter.temp(), g.emitter.temp()
    counts = _reads_index(template.body)
    header = f"for {index}, {item} in enumerate({source}):" if counts else f"for {item} in {source}:"
    inner = scope.over(item, item=item, index=index)
    with g.emitter.block(header):
        if not g.generic and (not isinstance(template.body, t.Use) or g.may_inline(template.body)):
            _write_other_items(g, template.body, item, inner, mode, target)
            inner = inner.over_object()
        mark = len(g.emitter.lines)
        write_outputs(g, template.body, inner, mode, target)
        if len(g.emitter.lines) == mark:
            g.emitter.line("pass")


def write_source(g: Generator, template: t.Each, scope: Scope) -> str:
    """What an `$each` runs over: a list, or None for nothing."""
    if isinstance(template.source, t.Dynamic):
        return g.expression(template.source, scope, Want.ITEMS)
    source = g.settled(values.write_value(g, template.source, scope))
    if isinstance(template.source, t.Array):
        return source
    return g.named(f"{source} if {source} is None or type({source}) is list else [{source}]")


def _write_other_items(g: Generator, body: t.Template, item: str, scope: Scope, mode: str, target: str) -> None:
    """Items that are no objects go to a function, so that the loop itself may read fields without asking."""
    name = g.outlined(body, mode, scope)
    arguments = [item, "c", target, *(_exact(scope, name) for name in g.parameters(name))]
    with g.emitter.block(f"if type({item}) is not dict:"):
        g.emitter.line(f"{g.want(name, mode)}({', '.join(arguments)})")
        g.emitter.line("continue")


def _exact(scope: Scope, variable: str) -> str:
    """A variable as parts take it: MISSING is nothing, None is null."""
    atom = scope.variables.get(variable, "MISSING")
    return f"MISSING if {atom} is None else {atom}" if variable in scope.loose else atom


def _deliver(g: Generator, template: t.Template, scope: Scope, mode: str, target: str) -> None:
    match template:
        case t.Array(items=items):
            for item in items:
                write_outputs(g, item, scope, mode, target)
        case t.Each():
            source = write_source(g, template, scope)
            with g.emitter.block(f"if {source} is not None:"):
                write_loop(g, template, source, scope, mode, target)
        case t.Use() if str(template.name.value) in g.parts and (mode != "list" or g.facts.is_many(template)):
            _use(g, template, scope, mode, target)
        case t.Object(merge=(), copy=None) if mode == "sink":
            _fragments(g, template, scope)
        case t.Object(merge=(), copy=None) if mode == "wire" and g.framing is not None:
            _write_bytes(g, template, scope, target)
        case _:
            _append(g, template, scope, mode, target)


def _write_bytes(g: Generator, template: t.Object, scope: Scope, target: str) -> None:
    assert g.framing is not None
    encoded = jsonbytes.write_framed(g, template, scope, g.framing)
    if encoded is None:
        _append(g, template, scope, "wire", target)
        return
    g.emitter.line(f"{target}.append({encoded})")
    _count_event(g)


def _count_event(g: Generator, guard: str = "") -> None:
    if g.counts_events:
        g.emitter.line(f"{guard}c.sequence += 1")


def _use(g: Generator, template: t.Use, scope: Scope, mode: str, target: str) -> None:
    of = values.use_operand(g, template, scope)
    name = g.want(str(template.name.value), mode)
    call = f"{name}({', '.join([of, 'c', target, *values.use_arguments(g, template, scope)])})"
    g.emitter.line(f"if {of} is not None: {call}" if template.of is not None and of.isidentifier() else call)


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
            g.emitter.line(f"{guard}{target}.append(encode({stored}))")
            _count_event(g, guard)
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
