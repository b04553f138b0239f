"""Quirks: edits against the wire format of the backends they are for, names they refer to, and conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest
from ccproxy.expr.check.problems import StaticScope
from ccproxy.expr.check.reads import Reads
from ccproxy.mapping import template as t
from ccproxy.mapping.check.bindings import check_bindings
from ccproxy.mapping.check.contracts import Contract, target_variable
from ccproxy.mapping.check.coverage import Handlers
from ccproxy.mapping.check.findings import Findings
from ccproxy.mapping.check.flow import Flow
from ccproxy.mapping.check.references import check_references
from ccproxy.mapping.check.scope import Scope
from ccproxy.mapping.check.target import Target
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES
from ccproxy.shapes.shape import Shape, shape_of
from ccproxy.yamltree.nodes import ScalarNode, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.model import Folder, Quirk, Tree

WIRE = {"request": "request", "response": "response", "chunk": "stream"}
OWN_FIELDS = frozenset({"S203", "X305"})  # hosts have fields of their own, so only likely slips of these count


@dataclass(frozen=True, slots=True)
class QuirkCheck:
    """The checks of one quirk."""

    tree: Tree
    quirk: Quirk

    def problems(self) -> Iterator[Diagnostic]:
        """What is wrong with its names, its edits, its examples."""
        yield from self._names()
        for kind, template in self.quirk.edits.items():
            yield from check_references([template], {}, self.tree.tables, {})
            yield from check_bindings(template)
            yield from self._edit(kind, template)
        if not self.quirk.examples and self.quirk.edits:
            yield Diagnostic(
                "W702",
                f"quirk `{self.quirk.name}` has no example",
                _key(self.quirk, "quirk"),
                label="nothing shows that it works",
                help="add under `examples:` what a message is before and after",
                severity="warning",
            )

    def folders(self) -> list[Folder]:
        """Protocols of the backends it is for."""
        globs = self.quirk.applies_to.get("protocol", ("*",))
        return [folder for name, folder in self.tree.folders.items() if any(fnmatchcase(name, glob) for glob in globs)]

    def _names(self) -> Iterator[Diagnostic]:
        for name in self.quirk.after:
            if name not in self.tree.quirks:
                yield _unknown("quirk", name, _scalar(self.quirk, "after", name), self.tree.quirks)
        for glob in self.quirk.applies_to.get("protocol", ()):
            if not any(fnmatchcase(name, glob) for name in self.tree.folders):
                yield _unknown("protocol", glob, _scalar(self.quirk, "applies_to", glob), self.tree.folders)

    def _edit(self, kind: str, template: t.Template) -> Iterator[Diagnostic]:
        """An edit is an object beside the message: what it does not name stays as it is."""
        findings = Findings()
        for folder in self.folders():
            self._edit_for(folder, kind, template, findings)
        for problem in findings.problems():
            if problem.code not in OWN_FIELDS or problem.suggestion or "$" in problem.message:
                yield problem

    def _edit_for(self, folder: Folder, kind: str, template: t.Template, findings: Findings) -> None:
        """Check an edit of the messages of one protocol."""
        wire = Contract(self.tree, folder).wire(WIRE[kind])
        variables = {
            **dict.fromkeys(ENGINE_VARIABLES, Shape.any()),
            **dict.fromkeys(("estimate", "sequence", "status", "created"), Shape.of("integer")),
            **dict.fromkeys(("source", "model"), Shape.of("string")),
            "unified": shape_of("unified/request"),
            "target": target_variable(self.tree, [folder.name]),
        }
        reads = Reads()
        flow = Flow({}, self.tree.tables, {}, variables, frozenset(self.tree.folders), findings, reads, Handlers())
        scope = Scope(StaticScope(wire, variables, self.tree.tables, reads=reads), template.node.span, whole=False)
        flow.shape(_at_top(template), scope, Target(wire, f"the {WIRE[kind]}", partial=True))


def _at_top(template: t.Template) -> t.Template:
    """The edit without its pointers, which reach below the fields that are checked."""
    match template:
        case t.Object(merge=merge, copy=copy, fields=fields, node=node):
            return t.Object(merge, copy, tuple(each for each in fields if not each.key.startswith("/")), node)
        case _:
            return template


def _unknown(what: str, name: str, span: Span, known: Mapping[str, object]) -> Diagnostic:
    meant = closest(name, known)
    return Diagnostic(
        "M417",
        f"unknown {what} `{name}`",
        span,
        label=f"no {what} has this name",
        help=f"write `{meant}`" if meant else "",
        suggestion=meant or "",
    )


def _key(quirk: Quirk, name: str) -> Span:
    entry = quirk.node.entry(name)
    return entry.key.span if entry else quirk.node.span


def _scalar(quirk: Quirk, key: str, word: str) -> Span:
    """The place of a word below a key."""
    node = quirk.node.get(key)
    for each in walk(node) if node else ():
        if isinstance(each, ScalarNode) and each.text == word:
            return each.span
    return _key(quirk, key)
