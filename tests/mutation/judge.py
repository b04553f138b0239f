"""Runs the checks of `ccproxy validate` on a mutant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.mutation.slips import Mutant

from ccproxy.cli.file_kinds import schema_for
from ccproxy.datadirs import find_data_dir
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.mapping.check.tree import check_tree
from ccproxy.mapping.files import find_mapping_files
from ccproxy.mapping.loader import read_tree
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import MapNode, Node
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore

CLOSE = 3


@dataclass(slots=True)
class Judge:
    """Holds the parsed files of a mappings folder; each mutant replaces one of them."""

    root: Path
    schemas: SchemaStore = field(default_factory=lambda: SchemaStore(find_data_dir("schemas")))
    known: dict[Path, tuple[str, Node | None]] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    known_problems: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in find_mapping_files([self.root]):
            node, _ = load_yaml(file.path, display=file.display)
            self.known[file.path] = (file.display, node)
            self.paths[file.display] = file.path

    def problems(self, mutant: Mutant) -> list[Diagnostic]:
        """What `validate` says of the mutant that it does not say of the file as it is."""
        path = self.paths[mutant.file]
        if mutant.file not in self.known_problems:
            found = self._validate(replace(mutant, text=path.read_text(encoding="utf-8")))
            self.known_problems[mutant.file] = {(problem.code, problem.message) for problem in found}
        before = self.known_problems[mutant.file]
        return [problem for problem in self._validate(mutant) if (problem.code, problem.message) not in before]

    def _validate(self, mutant: Mutant) -> list[Diagnostic]:
        path = self.paths[mutant.file]
        node, problems = load_yaml(path, mutant.text, mutant.file)
        schema = schema_for(path, mutant.text, node)
        if node is None or schema is None:
            return problems
        problems += check_schema(node, schema, self.schemas)
        known = {**self.known, path: (mutant.file, node)}
        loader = read_tree([self.root], known)
        broken = set() if isinstance(node, MapNode) else {path.parent.name}
        problems += loader.problems
        return problems + check_tree(loader.tree(), loader.nodes, only={path.parent.name}, broken=broken)


def is_near(mutant: Mutant, problems: list[Diagnostic]) -> bool:
    """Whether some problem is told within a few lines of the mistake."""
    lines = [problem.span.line for problem in problems if problem.span.file == mutant.file]
    return any(abs(line - mutant.line) <= CLOSE for line in lines)
