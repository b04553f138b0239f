"""Checks one protocol folder: its names, then the shapes that flow through its transforms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ccproxy.expr.check.problems import StaticScope
from ccproxy.expr.check.reads import Reads
from ccproxy.mapping.analysis import PartFacts
from ccproxy.mapping.check.bindings import check_bindings
from ccproxy.mapping.check.contracts import Contract
from ccproxy.mapping.check.coverage import Coverage, Handlers
from ccproxy.mapping.check.exchanged import check_exchanged
from ccproxy.mapping.check.exempt import Exemptions
from ccproxy.mapping.check.extras import Extras
from ccproxy.mapping.check.findings import Findings
from ccproxy.mapping.check.flow import Flow
from ccproxy.mapping.check.folding import fold_names
from ccproxy.mapping.check.references import check_arguments, check_references, given_names, uses_of
from ccproxy.mapping.check.scope import Scope
from ccproxy.mapping.check.spelling import Spelling
from ccproxy.mapping.check.vocabulary import vocabulary_of
from ccproxy.mapping.codegen.scope import ENGINE_VARIABLES
from ccproxy.mapping.template import Match, walk
from ccproxy.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Mapping

    from ccproxy.diagnostics.model import Diagnostic, Span
    from ccproxy.mapping import template as t
    from ccproxy.mapping.model import Direction, Folder, Kind, Tree
    from ccproxy.shapes.nodes import Node as ShapeNode
    from ccproxy.yamltree.nodes import Node

    FieldOf = tuple[ShapeNode, str]


@dataclass(slots=True)
class FolderCheck:
    """The checks of one folder. `complete` is false when a file of it could not be read, so names may be missing."""

    tree: Tree
    folder: Folder
    nodes: Mapping[str, Node]
    words: Counter[str]  # of the whole tree
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
            for each in walk(template):
                if isinstance(each, Match):
                    problems += check_exchanged(each)
        problems += self._flows(given)
        if not Contract(self.tree, self.folder).wire("request").is_any:
            told = {problem.span for problem in problems}
            spelling = Spelling(self.folder.name, self.words)
            problems += [problem for problem in spelling.problems(every) if problem.span not in told]
        return fold_names(problems, vocabulary)

    def _parameters(self) -> Mapping[str, frozenset[str]]:
        facts = PartFacts({name: part.template for name, part in self.folder.parts.items()})
        return {name: facts.free_variables(name) - set(ENGINE_VARIABLES) for name in self.folder.parts}

    def coverages(self) -> list[Coverage]:
        """What every transform that reads this protocol does with each field of it."""
        every = [*self.folder.transforms.values(), *(part.template for part in self.folder.parts.values())]
        given = given_names(uses_of(every), self.folder.parts)
        written: set[FieldOf] = set()
        extras = Extras(self.folder.name)
        inward = [key for key in self.folder.transforms if key[1] == "to_unified"]
        return [self._flow(*key, given, Findings(), written, extras) for key in inward]

    def _flows(self, given: Mapping[str, frozenset[str]]) -> Iterator[Diagnostic]:
        findings = Findings()
        written: set[FieldOf] = set()
        extras = Extras(self.folder.name)
        inward = sorted(self.folder.transforms, key=lambda key: key[1] != "to_unified")
        coverages = {key: self._flow(*key, given, findings, written, extras) for key in inward}
        yield from findings.problems()
        if self.complete:
            for (kind, direction), coverage in coverages.items():
                elsewhere = frozenset(_dealt_with_elsewhere(coverages, kind, direction))
                if (kind, direction) == ("request", "from_unified"):
                    elsewhere |= _told_by_path(self.folder)
                yield from coverage.problems(Exemptions(kind, frozenset(written), elsewhere))

    def _flow(
        self,
        kind: Kind,
        direction: Direction,
        given: Mapping[str, frozenset[str]],
        findings: Findings,
        written: set[FieldOf],
        extras: Extras,
    ) -> Coverage:
        """Check one transform; return what it read. What those inward write, those outward may read."""
        contract = Contract(self.tree, self.folder)
        template = self.folder.transforms[kind, direction]
        engine = contract.variables(kind, direction)
        reads, handlers = Reads(), Handlers()
        protocols = frozenset(self.tree.folders)
        flow = Flow(self.folder.parts, self.tree.tables, given, engine, protocols, findings, reads, handlers)
        source = StaticScope(contract.source(kind, direction), engine, self.tree.tables, reads=reads)
        if direction == "to_unified":
            flow.extras = extras
        elif self.complete:
            source = replace(source, fields=extras.fields(protocols))
        anchor = self._key(template, direction)
        flow.shape(template, Scope(source, anchor), contract.target(kind, direction))
        covered, drops = contract.covered(kind, direction), self.folder.drops.get((kind, direction), ())
        if direction == "to_unified":
            written |= flow.written
        return Coverage(direction, covered, reads, handlers, drops, anchor)

    def _key(self, template: t.Template, direction: Direction) -> Span:
        """The place of `to_unified:` or `from_unified:` above a template."""
        root = self.nodes.get(template.node.span.file)
        entry = root.entry(direction) if isinstance(root, MapNode) else None
        return entry.key.span if entry else template.node.span


def _dealt_with_elsewhere(
    coverages: Mapping[tuple[Kind, Direction], Coverage], kind: Kind, direction: Direction
) -> set[tuple[str, str]]:
    """Errors inside answers are dealt with in error.yaml, and what answers drop, streams drop too."""
    found: set[tuple[str, str]] = set()
    if kind in ("response", "stream") and ("error", direction) in coverages:
        found |= coverages["error", direction].handled()
    if kind == "stream" and ("response", direction) in coverages:
        found |= coverages["response", direction].dropped()
    return found


def _told_by_path(folder: Folder) -> frozenset[tuple[str, str]]:
    """The model's name and the wish for a stream, where the upstream's path says them."""
    operations = folder.facts.get("operations")
    chat = operations.get("chat") if isinstance(operations, dict) else None
    locations = chat if isinstance(chat, dict) else {}
    named = {name: locations.get(name) for name in ("model", "stream")}
    in_path = [name for name, location in named.items() if isinstance(location, dict) and "path" in location]
    return frozenset(("", name) for name in in_path)


def check_folder(
    tree: Tree, folder: Folder, nodes: Mapping[str, Node], words: Counter[str], *, complete: bool = True
) -> list[Diagnostic]:
    """The problems of one protocol folder; `nodes` are its files, `words` those of the whole tree."""
    return FolderCheck(tree, folder, nodes, words, complete).problems()
