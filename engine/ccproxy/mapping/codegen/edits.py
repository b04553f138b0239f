"""Quirk edits: a template beside a message says which fields of a copy change.

A field that yields nothing is removed; a key that starts with `/` is a JSON pointer to a nested field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.mapping import template as t
from ccproxy.mapping.codegen import flow, values

if TYPE_CHECKING:
    from ccproxy.mapping.codegen.generator import Generator
    from ccproxy.mapping.codegen.scope import Scope


def write_edit(g: Generator, template: t.Template, scope: Scope) -> None:
    """Write the body of an edit function over `v`."""
    g.emitter.line("o = dict(v)")

    def change(inner: t.Template, inner_scope: Scope) -> None:
        if isinstance(inner, t.Object):
            _change_fields(g, inner, inner_scope)
        else:
            g.emitter.line(f"spread(o, {values.write_value(g, inner, inner_scope)})")

    flow.write_flow(g, template, scope, change)
    g.emitter.line("return o")


def _change_fields(g: Generator, template: t.Object, scope: Scope) -> None:
    for source in template.merge:
        g.emitter.line(f"spread(o, {values.write_value(g, source, scope)})")
    for entry in template.fields:
        pointer = entry.key if entry.key.startswith("/") else "/" + entry.key.replace("~", "~0").replace("/", "~1")
        if isinstance(entry.value, t.Drop):
            with g.emitter.block(f"if has_pointer(v, {pointer!r}):"):
                flow.write_flow(g, entry.value, scope.at(entry.key), _no_leaf)
                g.emitter.line(f"set_pointer(o, {pointer!r}, None)")
            continue
        atom = values.write_value(g, entry.value, scope.at(entry.key))
        g.emitter.at(entry.node.span)
        g.emitter.line(f"set_pointer(o, {pointer!r}, {atom})")


def _no_leaf(template: t.Template, scope: Scope) -> None:
    raise AssertionError(f"a drop has no leaf: {template} at {scope.path}")
