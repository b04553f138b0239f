"""Checks one protocol folder: its names, then the shapes that flow through its transforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.expr.check.problems import StaticScope
from ccproxy.expr.check.reads import Reads
from ccproxy.mapping.analysis import PartFacts
from ccproxy.mapping.check.bindings import check_bindings
from ccproxy.mapping.check.contracts import engine_variables, source_shape, target_of
from ccproxy.mapping.check.coverage import Handlers
from ccproxy.mapping.check.findings import Findings
from ccproxy.mapping.check.flow import Flow
from ccproxy.mapping.check.folding import fold_names
from ccproxy.mapping.check.references import check_arguments, check_references, given_names, uses_of
from ccproxy.mapping.check.scope import Scope
from ccproxy.mapping.check.vocabulary import vocabulary_of
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.mapping import template as t
    from ccproxy.mapping.model import Direction, Folder, Kind, Tree


@dataclass(slots=True)
class FolderCheck:
    """The checks of one folder. `complete` is false when a file of it could not be read, so names may be missing."""

    tree: Tree
    folder: Folder
    complete: bool = True

    def problems(self) -> list[Diagnostic]:
        """Everything that can be said about this protocol."""
        roots = list(self.folder.transforms.values())
        every = [*roots, *(part.template for part in self.folder.parts.values())]
        vocabulary = vocabulary_of(every, [*self.folder.parts, *self.tree.tables])
        uses = uses_of(every)
        given = given_names(uses, self.folder.parts)
        problems: list[Diagnostic] = []
        if self.complete:
            problems += check_references(roots, self.folder.parts, self.tree.tables, vocabulary)
            problems += check_arguments(uses, self._parameters())
        for template in every:
            problems += check_bindings(template)
        problems += self._flows(given)
        return fold_names(problems, vocabulary)

    def _parameters(self) -> Mapping[str, frozenset[str]]:
        facts = PartFacts({name: part.template for name, part in self.folder.parts.items()})
        return {name: facts.free_variables(name) - set(ENGINE_VARIABLES) for name in self.folder.parts}

    def _flows(self, given: Mapping[str, frozenset[str]]) -> Iterator[Diagnostic]:
        findings = Findings()
        for kind, direction in self.folder.transforms:
            self._flow(kind, direction, given, findings)
        yield from findings.problems()

    def _flow(self, kind: Kind, direction: Direction, given: Mapping[str, frozenset[str]], findings: Findings) -> Flow:
        template: t.Template = self.folder.transforms[kind, direction]
        engine = engine_variables(self.tree, self.folder.name, kind, direction)
        reads = Reads()
        protocols = frozenset(self.tree.folders)
        flow = Flow(self.folder.parts, self.tree.tables, given, engine, protocols, findings, reads, Handlers())
        source = source_shape(self.folder.name, kind, direction)
        scope = Scope(StaticScope(source, engine, self.tree.tables, reads=reads), template.node.span)
        flow.shape(template, scope, target_of(self.folder.name, kind, direction))
        return flow


def check_folder(tree: Tree, folder: Folder, *, complete: bool = True) -> list[Diagnostic]:
    """The problems of one protocol folder."""
    return FolderCheck(tree, folder, complete).problems()
