"""Templates as values: statements that compute one, and the local name that holds it (None is nothing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.expr.emit import Want
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import is_certain
from ccproxy.mapping.codegen import flow, outputs

if TYPE_CHECKING:
    from ccproxy.mapping.codegen.generator import Generator
    from ccproxy.mapping.codegen.scope import Scope


# Up to so many fields are copied line by line.
FEW = 6


def write_value(g: Generator, template: t.Template, scope: Scope) -> str:
    """Write statements that compute the template; the returned atom is None for nothing, NULL for null."""
    g.emitter.at(template.node.span)
    match template:
        case t.Literal(value=value):
            return "NULL" if value is None else repr(value)
        case t.Dynamic():
            return g.expression(template, scope, Want.LOOSE)
        case t.Object():
            return _object(g, template, scope)
        case t.Array():
            return _array(g, template, scope)
        case t.Each():
            return _each(g, template, scope)
        case t.Use() if g.inlines(template, scope):
            return write_value(g, *g.inlined(template, scope))
        case t.Use():
            return _use(g, template, scope)
        case t.Entries():
            return _entries(g, template, scope)
        case t.First():
            return _first(g, template, scope)
        case _:
            return _branches(g, template, scope)


def _branches(g: Generator, template: t.Template, scope: Scope) -> str:
    result = g.named("None")

    flow.write_flow(g, template, scope, _store_in(g, result))
    return result


def _store_in(g: Generator, result: str) -> flow.Leaf:
    def store(template: t.Template, scope: Scope) -> None:
        g.emitter.line(f"{result} = {write_value(g, template, scope)}")

    return store


def _object(g: Generator, template: t.Object, scope: Scope) -> str:
    small = _small_object(g, template, scope)
    if small is not None:
        return small
    fields = list(template.fields)
    prefix: list[str] = []
    if not template.merge and template.copy is None:
        while fields and is_certain(fields[0].value):
            prefix.append(_certain_entry(g, fields.pop(0), scope))
    result = g.named("{" + ", ".join(prefix) + "}")
    for source in template.merge:
        atom = g.settled(write_value(g, source, scope))
        g.emitter.line(f"if type({atom}) is dict: {result}.update({atom})")
    if template.copy:
        source_name = write_value(g, template.copy.source, scope) if template.copy.source else scope.context
        names = tuple(str(name.value) for name in template.copy.names)
        _copy(g, result, source_name, names, scope)
    for entry in fields:
        _put(g, result, entry, scope)
    if not is_certain(template):
        g.emitter.line(f"if not {result}: {result} = None")
    return result


def _copy(g: Generator, result: str, source: str, names: tuple[str, ...], scope: Scope) -> None:
    if source not in scope.dicts or len(names) > FEW:
        g.emitter.line(f"copy_fields({result}, {source}, {names!r})")
        return
    for name in names:
        atom = g.field(source, name)
        g.emitter.line(f"if {atom} is not None: {result}[{name!r}] = {atom}")


def _small_object(g: Generator, template: t.Object, scope: Scope) -> str | None:
    """An object of a few fields none of which is certain: made only when one of them is there."""
    copied = template.copy.names if template.copy else ()
    if template.merge or is_certain(template) or not 0 < len(copied) + len(template.fields) <= FEW:
        return None
    if template.copy and (template.copy.source or scope.context not in scope.dicts):
        return None
    entries = [(str(name.value), g.field(scope.context, str(name.value)), "") for name in copied]
    for entry in template.fields:
        atom = g.settled(write_value(g, entry.value, scope.at(entry.key)))
        entries.append((entry.key, atom, g.stored(atom, entry.value)))
    g.emitter.at(template.node.span)
    if len(entries) == 1:
        key, atom, stored = entries[0]
        return g.named(f"None if {atom} is None else {{{key!r}: {stored or atom}}}")
    result = g.named("None")
    with g.emitter.block(f"if {' or '.join(f'{atom} is not None' for _, atom, _ in entries)}:"):
        g.emitter.line(f"{result} = {{}}")
        for key, atom, stored in entries:
            g.emitter.line(f"if {atom} is not None: {result}[{key!r}] = {stored or atom}")
    return result


def _certain_entry(g: Generator, entry: t.Field, scope: Scope) -> str:
    atom = write_value(g, entry.value, scope.at(entry.key))
    return f"{entry.key!r}: {g.stored(atom, entry.value)}"


def _put(g: Generator, result: str, entry: t.Field, scope: Scope) -> None:
    """Set a field where its value is found, at the end of each branch."""

    def put(template: t.Template, inner: Scope) -> None:
        atom = write_value(g, template, inner)
        g.emitter.at(entry.node.span)
        guard = "" if is_certain(template) else f"if {atom} is not None: "
        if atom != "None":
            g.emitter.line(f"{guard}{result}[{entry.key!r}] = {g.stored(atom, template)}")

    flow.write_flow(g, entry.value, scope.at(entry.key), put)


def _array(g: Generator, template: t.Array, scope: Scope) -> str:
    result = g.named("[]")
    for item in template.items:
        outputs.write_outputs(g, item, scope, "list", result)
    return result


def _each(g: Generator, template: t.Each, scope: Scope) -> str:
    result = g.named("None")
    source = outputs.write_source(g, template, scope)
    with g.emitter.block(f"if {source} is not None:"):
        g.emitter.line(f"{result} = []")
        outputs.write_loop(g, template, source, scope, "list", result)
    return result


def _use(g: Generator, template: t.Use, scope: Scope) -> str:
    name = str(template.name.value)
    if name in g.tables:
        return _table(g, name, template, scope)
    of = use_operand(g, template, scope)
    call = f"{g.want(name, 'value')}({', '.join([of, 'c', *use_arguments(g, template, scope)])})"
    return g.named(call if template.of is None else f"{_unless_nothing(template.of, of)}{call}")


def use_operand(g: Generator, template: t.Use, scope: Scope) -> str:
    """The value a part is applied to."""
    return write_value(g, template.of, scope) if template.of else scope.context


def use_arguments(g: Generator, template: t.Use, scope: Scope) -> list[str]:
    """Python arguments for the part's parameters, in their order."""
    given = {argument.key: argument.value for argument in template.arguments}
    names = g.parameters(str(template.name.value))
    return [flow.write_binding(g, given[name], scope) if name in given else "MISSING" for name in names]


def _table(g: Generator, name: str, template: t.Use, scope: Scope) -> str:
    table = g.tables[name]
    of = use_operand(g, template, scope)
    constant = g.emitter.constant(table.values)
    return g.named(f"{_unless_nothing(template.of, of)}look_up({constant}, {of}, {table.default!r})")


def _unless_nothing(template: t.Template | None, atom: str) -> str:
    """The head of a conditional that skips a part when its operand may be nothing; Python dislikes testing literals."""
    certain = isinstance(template, t.Literal) or not atom.isidentifier()
    return "" if certain else f"None if {atom} is None else "


def _entries(g: Generator, template: t.Entries, scope: Scope) -> str:
    result, source = g.named("None"), write_value(g, template.source, scope)
    key, value = g.emitter.temp(), g.emitter.temp()
    inner = scope.over(value, key=key, value=value)
    with g.emitter.block(f"if type({source}) is dict:"):
        g.emitter.line(f"{result} = {{}}")
        with g.emitter.block(f"for {key}, {value} in {source}.items():"):
            name = write_value(g, template.name, inner) if template.name else key
            atom = write_value(g, template.body, inner)
            g.emitter.line(f"if {atom} is not None: {result}[{name}] = {g.stored(atom, template.body)}")
    return result


def _first(g: Generator, template: t.First, scope: Scope) -> str:
    result = g.named("None")
    for depth, option in enumerate(template.options):
        if depth:
            g.emitter.line(f"if {result} is None:")
            g.emitter.indent()
        flow.write_flow(g, option, scope, _store_in(g, result))
    for _ in template.options[1:]:
        g.emitter.dedent()
    return result
