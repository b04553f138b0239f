"""Mutants with one misspelt word: paths, keys, functions, variables, parts, directives, literals."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.mutation.slips import Mutant, misspelt, replaced

from ccproxy.diagnostics.model import Span
from ccproxy.expr import syntax as s
from ccproxy.mapping import template as t
from ccproxy.yamltree.nodes import MapNode, Node, ScalarNode, walk

WORD = re.compile(r"[a-z][A-Za-z0-9_.-]{2,}")
Place = tuple[str, Span, str]  # kind, where, the word there


def word_mutants(file: str, text: str, templates: list[t.Template], root: Node, rng: random.Random) -> Iterator[Mutant]:
    """One mutant for every word that means something."""
    for kind, span, word in [*_template_places(templates), *_directives(root)]:
        if span.file == file and len(word) > 2:
            wrong = misspelt(word, rng)
            yield Mutant(
                kind, file, span.line, f"{word} -> {wrong}", replaced(text, span.line, span.column, len(word), wrong)
            )


def _template_places(templates: list[t.Template]) -> Iterator[Place]:
    for root in templates:
        for template in t.walk(root):
            match template:
                case t.Dynamic(expression=expression, node=node):
                    yield from _expression_places(expression.ast, node)
                case t.Object(fields=fields, copy=copy):
                    yield from (("key", entry.node.span, entry.key) for entry in fields if entry.node.style == "plain")
                    names = copy.names if copy else ()
                    yield from (("path", name.span, name.text) for name in names if name.style == "plain")
                case t.Use(name=name):
                    yield "part", name.span, name.text
                case t.Match(cases=cases):
                    for case in cases:
                        if case.node.style == "plain" and WORD.fullmatch(case.node.text):
                            yield "literal", case.node.span, case.node.text
                case t.Literal(value=str() as value, node=ScalarNode(style="plain") as node) if WORD.fullmatch(value):
                    yield "literal", node.span, value


def _expression_places(ast: s.Node, node: ScalarNode) -> Iterator[Place]:
    for each in s.walk(ast):
        match each:
            case s.Name(name=name, offset=offset):
                yield "path", node.place(1 + offset, len(name)), name
            case s.Call(function=name, offset=offset):
                yield "function", node.place(2 + offset, len(name)), name
            case s.Variable(name=name, offset=offset) if name not in ("", "$"):
                yield "variable", node.place(2 + offset, len(name)), name
            case s.Literal(value=str() as word, offset=offset) if WORD.fullmatch(word):
                yield "literal", node.place(2 + offset, len(word)), word


def _directives(root: Node) -> Iterator[Place]:
    for node in walk(root):
        if isinstance(node, MapNode):
            for entry in node.entries:
                if entry.name.startswith("$"):
                    span = entry.key.span
                    yield "directive", Span(span.file, span.line, span.column + 1, span.end_column), entry.name[1:]
