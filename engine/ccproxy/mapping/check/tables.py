"""Lookups in shared tables: words that may be asked and are not there, answers that the target does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.mapping.check.compat import mismatch, names_in
from ccproxy.shapes.shape import Shape
from ccproxy.yamltree.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.mapping import template as t
    from ccproxy.mapping.check.flow import Flow
    from ccproxy.mapping.check.target import Target
    from ccproxy.mapping.model import Table
    from ccproxy.yamltree.nodes import Entry


def check_lookup(flow: Flow, template: t.Use, table: Table, asked: Shape, target: Target) -> Shape:
    """Check one use of a table; return what it may answer."""
    _check_asked(flow, template, table, asked)
    for entry in _entries(table):
        _check_answer(flow, entry.value, table, template, target)
    default = table.node.get("default")
    if isinstance(default, ScalarNode):
        _check_answer(flow, default, table, template, target)
    return answers(table)


def answers(table: Table) -> Shape:
    """The values of a table."""
    values = [*table.values.values(), *([] if table.default is None else [table.default])]
    scalars = [value for value in values if not isinstance(value, dict | list)]
    return Shape.literal(*scalars) if scalars and len(scalars) == len(values) else Shape.any()


def _entries(table: Table) -> Iterator[Entry]:
    values = table.node.get("values")
    yield from values.entries if isinstance(values, MapNode) else ()


def _check_asked(flow: Flow, template: t.Use, table: Table, asked: Shape) -> None:
    words = asked.without("null").enum()
    if words is None or table.default is not None:
        return
    missing = sorted(str(word) for word in words if str(word) not in table.values)
    if missing:
        flow.findings.sure(
            Diagnostic(
                "M402",
                f"table `{table.name}` may be asked for {quoted_list(missing)}, which it does not have",
                template.name.span,
                label=f"no answer for {quoted_list(missing, 'and')}",
                help="add the words to the table, or give it a `default:`",
                related=(Related(table.node.span, "the table"),),
            )
        )


def _check_answer(flow: Flow, node: object, table: Table, template: t.Use, target: Target) -> None:
    """A word that the target does not allow is a mistake in the table."""
    if not isinstance(node, ScalarNode) or node.value is None or not target.carried:
        return
    flow.findings.visit(node.span, "target")
    found = mismatch(Shape.literal(node.value), target.shape)
    if found is None:
        return
    allowed = names_in(target.shape)
    meant = closest(str(node.value), allowed)
    flow.findings.maybe(
        node.span,
        "target",
        Diagnostic(
            "M410" if found.outside else "M411",
            f"table `{table.name}` answers `{node.value}`, which {target.words} cannot be",
            node.span,
            label="the target has no such value",
            help=f"write `{meant}`" if meant else f"write one of {quoted_list(allowed)}" if allowed else "",
            related=(Related(template.name.span, "used here"),),
            where=target.where,
            suggestion=meant or "",
        ),
    )
