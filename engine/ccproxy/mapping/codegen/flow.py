"""Control flow in generated code: `$if`, `$match`, `$let`, `$drop`, `$reject`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr.emit import Want
from ccproxy.mapping import template as t
from ccproxy.mapping.codegen import values
from ccproxy.mapping.codegen.absence import awaited

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.mapping.codegen.generator import Generator
    from ccproxy.mapping.codegen.scope import Scope

    Leaf = Callable[[t.Template, Scope], None]


def write_flow(g: Generator, template: t.Template, scope: Scope, leaf: Leaf) -> None:
    """Write the branches; `leaf` writes what stands at the end of each."""
    g.emitter.at(template.node.span)
    match template:
        case t.If():
            _write_if(g, template, scope, leaf)
        case t.Match():
            _write_match(g, template, scope, leaf)
        case t.Let(bindings=bindings, body=body):
            for binding in bindings:
                scope = bind(g, binding, scope, scope)
            write_flow(g, body, scope, leaf)
        case t.Use() if g.inlines(template, scope):
            write_flow(g, *g.inlined(template, scope), leaf)
        case t.Drop(reason=reason):
            g.emitter.line(f"c.dropped.append(({'.'.join(scope.path)!r}, {reason!r}))")
        case t.Reject(error=error):
            g.emitter.line(f"raise Rejection({values.write_value(g, error, scope)})")
        case _:
            leaf(template, scope)


def bind(g: Generator, binding: t.Field, scope: Scope, inner: Scope) -> Scope:
    """`inner` with a variable more, computed in `scope`."""
    if isinstance(binding.value, t.Dynamic) or g.facts.writes_null(binding.value):
        return inner.bind(**{binding.key: write_binding(g, binding.value, scope)})
    return inner.bind_loose(binding.key, g.settled(values.write_value(g, binding.value, scope)))


def write_binding(g: Generator, template: t.Template, scope: Scope) -> str:
    """Compute a variable exactly: MISSING for nothing, None for null."""
    if isinstance(template, t.Dynamic):
        return g.settled(g.expression(template, scope, Want.VALUE))
    name = g.named(values.write_value(g, template, scope))
    g.emitter.line(f"if {name} is None: {name} = MISSING")
    if g.facts.writes_null(template):
        g.emitter.line(f"if {name} is NULL: {name} = None")
    return name


def _branch(g: Generator, header: str, template: t.Template, scope: Scope, leaf: Leaf) -> None:
    with g.emitter.block(header):
        mark = len(g.emitter.lines)
        write_flow(g, template, scope, leaf)
        if len(g.emitter.lines) == mark:
            g.emitter.line("pass")


def _write_if(g: Generator, template: t.If, scope: Scope, leaf: Leaf) -> None:
    condition = template.condition
    if g.only is not None and scope.context == "v" and g.only not in (awaited(condition) or (g.only,)):
        if template.otherwise:
            write_flow(g, template.otherwise, scope, leaf)
        return
    if isinstance(condition, t.Dynamic):
        truth = g.expression(condition, scope, Want.TRUTH)
    else:
        truth = values.write_value(g, condition, scope)
    _branch(g, f"if {truth}:", template.then, scope, leaf)
    if template.otherwise:
        _branch(g, "else:", template.otherwise, scope, leaf)


def _write_match(g: Generator, template: t.Match, scope: Scope, leaf: Leaf) -> None:
    atom = values.write_value(g, template.subject, scope)
    if atom.startswith("'"):
        write_flow(g, _chosen(template, atom), scope, leaf)
        return
    subject = g.settled(atom)
    word = "if"
    for case in template.cases:
        g.emitter.at(case.node.span)
        _branch(g, f"{word} {equals(subject, case.values)}:", case.body, scope.at(str(case.node.value)), leaf)
        word = "elif"
    if template.none:
        _branch(g, f"{word} {subject} is None:", template.none, scope, leaf)
        word = "elif"
    if template.otherwise:
        _branch(g, "else:" if word == "elif" else "if True:", template.otherwise, scope, leaf)


def _chosen(template: t.Match, atom: str) -> t.Template:
    """The case for a subject that is known when code is generated."""
    for case in template.cases:
        if any(repr(value) == atom for value in case.values):
            return case.body
    return template.otherwise or t.Array((), template.node)


def equals(subject: str, alternatives: tuple[object, ...]) -> str:
    """A Python condition that is true when the subject is one of the values, with JSON's types."""
    tests = [f"{subject} is {value!r}" for value in alternatives if isinstance(value, bool)]
    plain = [value for value in alternatives if not isinstance(value, bool)]
    if len(plain) == 1:
        tests.append(f"{subject} == {plain[0]!r}")
    elif plain:
        tests.append(f"{subject} in {tuple(plain)!r}")
    return " or ".join(tests) or "False"
