"""Texts that YAML reads without complaint as something else than their author wrote."""

from collections.abc import Iterator

from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.yamltree.expression_text import is_expression, is_unfinished, quoted_for_yaml, whole_expression
from ccproxy.yamltree.nodes import MapNode, Node, ScalarNode
from ccproxy.yamltree.source import Source


def check_traps(root: Node, source: Source) -> list[Diagnostic]:
    """Report expressions that YAML cut, and plain ones that run over several lines."""
    return [problem for node, flow in _values(root, False) for problem in _check_value(node, flow, source)]


def _values(node: Node, flow: bool) -> Iterator[tuple[ScalarNode, bool]]:
    """Yield scalar values with whether they stand inside `{ }` or `[ ]`."""
    if isinstance(node, ScalarNode):
        yield node, flow
        return
    inside = flow or node.flow
    children = [entry.value for entry in node.entries] if isinstance(node, MapNode) else node.items
    for child in children:
        yield from _values(child, inside)


def _check_value(node: ScalarNode, flow: bool, source: Source) -> Iterator[Diagnostic]:
    if node.style != "plain" or not is_expression(node.text):
        return
    rest = source.text[node.end : source.line_end(source.row_of(node.end))]
    if is_unfinished(node.text):
        if flow and rest.lstrip()[:1] in tuple(",]}"):
            yield _cut(node, rest, source, rest.lstrip()[0])
        elif rest.lstrip().startswith("#"):
            yield _cut(node, rest, source, "#")
    elif "\n" in source.text[node.start : node.end]:
        yield _several_lines(node)


def _cut(node: ScalarNode, rest: str, source: Source, char: str) -> Diagnostic:
    at = node.end + rest.index(char)
    meaning = "starts a comment" if char == "#" else "ends the value inside `{ }` or `[ ]`"
    return expression_cut(source.span(at, at + 1), char, meaning, write_quoted(whole_expression(node.text, rest)))


def expression_cut(span: Span, char: str, meaning: str, advice: str) -> Diagnostic:
    """The diagnostic of an expression that ends before its author's end."""
    return Diagnostic(
        "Y105",
        f"YAML ends the expression at `{char}`",
        span,
        label=f"an unquoted `{char}` {meaning}",
        help=advice,
    )


def write_quoted(expression: str) -> str:
    """Say how to write an expression so that YAML leaves it alone."""
    quoted = quoted_for_yaml(expression)
    return f"write `{quoted}`" if quoted else f"write `|` and put `{expression}` indented on the next line"


def _several_lines(node: ScalarNode) -> Diagnostic:
    return Diagnostic(
        "W701",
        "expression over several lines without `|`",
        node.span,
        label="YAML folds these lines into one",
        help="write `|` after the key and the expression indented below it",
        severity="warning",
    )
