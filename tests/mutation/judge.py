"""Runs the checks of `ccproxy validate` on a mutant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.mutation.slips import Mutant

from ccproxy.cli.checking import elsewhere
from ccproxy.cli.file_kinds import CheckedFile, schema_for
from ccproxy.cli.meaning import meaning_in
from ccproxy.datadirs import find_data_dir
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.mapping.files import MappingFile, find_mapping_files
from ccproxy.mapping.loader import TreeLoader
from ccproxy.mapping.model import Tree
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import MapNode, Node
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore

CLOSE = 3


@dataclass(slots=True)
class Judge:
    """Holds a mappings tree; each mutant replaces one file of one folder."""

    root: Path
    schemas: SchemaStore = field(default_factory=lambda: SchemaStore(find_data_dir("schemas")))
    files: dict[str, MappingFile] = field(default_factory=dict)
    nodes: dict[str, Node | None] = field(default_factory=dict)
    tree: Tree = field(init=False)
    all_nodes: dict[str, Node] = field(init=False)
    known_problems: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        loader = TreeLoader()
        for file in find_mapping_files([self.root]):
            node, _ = load_yaml(file.path, display=file.display)
            self.files[file.display], self.nodes[file.display] = file, node
            loader.add(file, node)
        self.tree, self.all_nodes = loader.tree(), loader.nodes

    def problems(self, mutant: Mutant) -> list[Diagnostic]:
        """What `validate` says of the mutant that it does not say of the file as it is."""
        if mutant.file not in self.known_problems:
            text = self.files[mutant.file].path.read_text(encoding="utf-8")
            found = self.validate(replace(mutant, text=text))
            self.known_problems[mutant.file] = {(problem.code, problem.message) for problem in found}
        before = self.known_problems[mutant.file]
        return [problem for problem in self.validate(mutant) if (problem.code, problem.message) not in before]

    def validate(self, mutant: Mutant) -> list[Diagnostic]:
        """Everything that `validate` says of the mutant."""
        file = self.files[mutant.file]
        node, problems = load_yaml(file.path, mutant.text, mutant.file)
        schema = schema_for(file.path, mutant.text, node)
        if node is None or schema is None:
            return problems
        problems += check_schema(node, schema, self.schemas)
        loader = TreeLoader()
        for other in self.files.values():
            if other.folder == file.folder:
                loader.add(other, node if other == file else self.nodes[other.display])
        changed = CheckedFile(file.path, file.display, mutant.text, schema, node)
        tree, broken = (
            self._changed(file.folder, loader.tree()),
            {file.folder} if not isinstance(node, MapNode) else set(),
        )
        nodes = {**self.all_nodes, **loader.nodes}
        return [*problems, *elsewhere(meaning_in(tree, nodes, loader.problems, broken, [changed]), problems)]

    def _changed(self, folder: str, part: Tree) -> Tree:
        """The tree with another folder in it."""
        match folder:
            case "shared":
                return replace(self.tree, tables=part.tables)
            case "quirks":
                return replace(self.tree, quirks=part.quirks)
            case "providers":
                return replace(self.tree, providers=part.providers)
            case "clients":
                return replace(self.tree, clients=part.clients)
            case "compat":
                return replace(self.tree, compat=part.compat)
            case _:
                return replace(self.tree, folders={**self.tree.folders, **part.folders})


def is_near(mutant: Mutant, problems: list[Diagnostic]) -> bool:
    """Whether some problem is told within a few lines of the mistake."""
    lines = [problem.span.line for problem in problems if problem.span.file == mutant.file]
    return any(abs(line - mutant.line) <= CLOSE for line in lines)
