"""Files under watch: what was read of them, and what is wrong, folder by folder."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ccproxy.cli.checking import check_file, elsewhere
from ccproxy.cli.file_kinds import find_files
from ccproxy.cli.meaning import check_meaning, mappings_among, meaning_in, protocols_using
from ccproxy.datadirs import find_data_dir, find_data_dirs
from ccproxy.diagnostics.model import sort_diagnostics
from ccproxy.mapping.files import SPECIAL_FOLDERS, find_mapping_files
from ccproxy.mapping.loader import TreeLoader
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.schema_store import SchemaStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccproxy.cli.file_kinds import CheckedFile
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.mapping.files import MappingFile
    from ccproxy.mapping.model import Tree
    from ccproxy.yamltree.nodes import Node


class Watched:
    """State: the files, the mappings they belong to, and the problems of each file and folder."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.files: dict[Path, CheckedFile] = {}
        self._paths = paths
        self._schemas = SchemaStore(find_data_dir("schemas"))
        self._of_files: dict[Path, list[Diagnostic]] = {}
        self._of_folders: dict[str, list[Diagnostic]] = {}
        self._mappings: list[MappingFile] = []
        self._others: dict[Path, Node | None] = {}
        for path in find_files(paths):
            self._read(path.resolve())
        self._loaders: dict[str, TreeLoader] = {}
        folders = {path.parent.name for path in self.files}
        for folder in {file.folder for file in self._mapping_files()}:
            self._load(folder)
        self._check(folders, [file for path, file in self.files.items() if path.parent.name == "shared"])
        gc.collect()
        gc.freeze()  # what was read stays

    def renew(self, saved: Sequence[Path]) -> None:
        """Read saved, new or deleted files again and check what they concern."""
        folders = set()
        for path in saved:
            folders.add(path.parent.name)
            if path not in self.files or not path.is_file():
                self._mappings = []
            if path.is_file():
                self._read(path)
            else:
                self.files.pop(path, None)
                self._of_files.pop(path, None)
        for folder in folders:
            self._load(folder)
        tables = [file for path in saved if path.parent.name == "shared" and (file := self.files.get(path))]
        if tables:
            folders |= set(protocols_using(self._tree(), [file.path.stem for file in tables]))
        self._check(folders, tables)

    def problems(self) -> list[Diagnostic]:
        """Everything that is wrong now."""
        early = [problem for found in self._of_files.values() for problem in found]
        late = [problem for found in self._of_folders.values() for problem in found]
        return sort_diagnostics([*early, *elsewhere(late, early)])

    def sources(self) -> dict[str, str]:
        """The texts of the files by their shown names."""
        return {file.display: file.text for file in self.files.values()}

    def _read(self, path: Path) -> None:
        if path.suffix != ".jsonl":
            self.files[path], self._of_files[path] = check_file(path, self._schemas, Path.cwd())

    def _check(self, folders: set[str], tables: Sequence[CheckedFile]) -> None:
        """Check folders anew, but of the tables only some."""
        tree, nodes = self._tree(), self._nodes()
        broken = {name for loader in self._loaders.values() for name in loader.broken}
        known = [problem for name in folders if name in self._loaders for problem in self._loaders[name].problems]
        mine = [file for path, file in self.files.items() if path.parent.name in folders - {"shared"}]
        found = meaning_in(tree, nodes, known, broken, mappings_among([*mine, *tables]))
        found += check_meaning([file for file in mine if file.schema == "config"])
        shown = {file.display for file in tables}
        of_tables = self._of_folders.get("shared", [])
        for name in folders:
            self._of_folders[name] = []
        self._of_folders["shared"] = [problem for problem in of_tables if problem.span.file not in shown]
        for problem in found:
            self._of_folders.setdefault(PurePath(problem.span.file).parent.name, []).append(problem)

    def _mapping_files(self) -> list[MappingFile]:
        if self._mappings:
            return self._mappings
        roots = [root.resolve() for root in find_data_dirs("mappings")]
        own = [root for path in self.files if (root := path.parent.parent) not in roots]
        found = find_mapping_files(dict.fromkeys([*roots, *own]))
        self._mappings = [replace(file, path=file.path.resolve()) for file in found]
        return self._mappings

    def _load(self, folder: str) -> None:
        """Make the templates of a folder from what was read of its files."""
        loader = self._loaders[folder] = TreeLoader()
        for file in self._mapping_files():
            if file.folder == folder:
                known = self.files.get(file.path)
                loader.add(
                    replace(file, display=known.display) if known else file, known.node if known else self._other(file)
                )

    def _other(self, file: MappingFile) -> Node | None:
        """A file that is not under watch."""
        if file.path not in self._others:
            self._others[file.path] = load_yaml(file.path, display=file.display)[0]
        return self._others[file.path]

    def _tree(self) -> Tree:
        trees = {name: loader.tree() for name, loader in self._loaders.items()}
        whole = TreeLoader().tree()
        for name, tree in trees.items():
            if name in SPECIAL_FOLDERS:
                field = {"shared": "tables"}.get(name, name)
                whole = replace(whole, **{field: getattr(tree, field)})
            else:
                whole = replace(whole, folders={**whole.folders, **tree.folders})
        return whole

    def _nodes(self) -> dict[str, Node]:
        return {name: node for loader in self._loaders.values() for name, node in loader.nodes.items()}
