"""Runs the checks of `ccproxy validate` on a mutant."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.mutation.slips import Mutant

from ccproxy.cli.file_kinds import schema_for
from ccproxy.conversion.example_check import check_protocol_examples
from ccproxy.conversion.protocol_examples import EXAMPLES_FILE
from ccproxy.datadirs import find_data_dir
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.mapping.check.tree import check_tree
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
    with_examples: bool = True
    schemas: SchemaStore = field(default_factory=lambda: SchemaStore(find_data_dir("schemas")))
    files: dict[str, MappingFile] = field(default_factory=dict)
    nodes: dict[str, Node | None] = field(default_factory=dict)
    tree: Tree = field(init=False)
    known_problems: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        loader = TreeLoader()
        for file in find_mapping_files([self.root]):
            node, _ = load_yaml(file.path, display=file.display)
            self.files[file.display], self.nodes[file.display] = file, node
            loader.add(file, node)
        self.tree = loader.tree()

    def problems(self, mutant: Mutant) -> list[Diagnostic]:
        """What `validate` says of the mutant that it does not say of the file as it is."""
        if mutant.file not in self.known_problems:
            text = self.files[mutant.file].path.read_text(encoding="utf-8")
            found = self._validate(replace(mutant, text=text))
            self.known_problems[mutant.file] = {(problem.code, problem.message) for problem in found}
        before = self.known_problems[mutant.file]
        return [problem for problem in self._validate(mutant) if (problem.code, problem.message) not in before]

    def _validate(self, mutant: Mutant) -> list[Diagnostic]:
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
        changed = loader.tree().folders[file.folder]
        tree = replace(self.tree, folders={**self.tree.folders, file.folder: changed})
        broken = set() if isinstance(node, MapNode) else {file.folder}
        problems += [*loader.problems, *check_tree(tree, loader.nodes, only={file.folder}, broken=broken)]
        examples = file.path.parent / EXAMPLES_FILE
        if self.with_examples and not broken and not any(each.severity == "error" for each in problems):
            shown = f"{Path(file.display).parent.as_posix()}/{EXAMPLES_FILE}"
            problems += check_protocol_examples(tree, changed, examples, shown) if examples.is_file() else ()
        return problems


def is_near(mutant: Mutant, problems: list[Diagnostic]) -> bool:
    """Whether some problem is told within a few lines of the mistake."""
    lines = [problem.span.line for problem in problems if problem.span.file == mutant.file]
    return any(abs(line - mutant.line) <= CLOSE for line in lines)
