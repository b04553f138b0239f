"""Mapping files -> `Tree`. Collects every problem of every file; a broken file never hides another."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.mapping.files import find_mapping_files
from ccproxy.mapping.model import (
    DIRECTIONS,
    OPERATION_HALVES,
    DropEntry,
    Example,
    Folder,
    Part,
    Quirk,
    Table,
    Tree,
    operation_kind,
)
from ccproxy.mapping.parser import TemplateParser
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import ListNode, MapNode, ScalarNode, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ccproxy.jsontypes import Json
    from ccproxy.mapping.files import MappingFile
    from ccproxy.mapping.model import Direction, Kind
    from ccproxy.mapping.template import Template
    from ccproxy.yamltree.nodes import Node

EDITS = ("request", "response", "chunk")
NOTHING_KNOWN: Mapping[Path, tuple[str, Node | None]] = MappingProxyType({})


@dataclass(slots=True)
class _FolderState:
    """A protocol folder while its files are read."""

    facts: MapNode | None = None
    transforms: dict[tuple[Kind, Direction], Template] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    drops: dict[tuple[Kind, Direction], tuple[DropEntry, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class TreeLoader:
    """Reads files one after another; `problems` grows, nothing is raised."""

    problems: list[Diagnostic] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)  # folders with a file that could not be read
    folders: dict[str, _FolderState] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    quirks: dict[str, Quirk] = field(default_factory=dict)
    providers: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    clients: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    compat: dict[str, Mapping[str, Json]] = field(default_factory=dict)

    def read(self, file: MappingFile) -> None:
        node, problems = load_yaml(file.path, display=file.display)
        self.problems += problems
        self.add(file, node)

    def add(self, file: MappingFile, node: Node | None) -> None:
        """Take what a file says."""
        if not isinstance(node, MapNode):
            self.broken.add(file.folder)
            return
        self.nodes[file.display] = node
        match file.kind:
            case "protocol":
                self.folders.setdefault(file.folder, _FolderState()).facts = node
            case "table":
                self._table(file.path.stem, node)
            case "quirk":
                self._quirk(file.path.stem, node)
            case "provider":
                self.providers[file.path.stem] = _object(node)
            case "client":
                self.clients[file.path.stem] = _object(node)
            case "compat":
                self.compat[file.path.stem] = _object(node)
            case "operation":
                self._operation(file.path.stem, self.folders.setdefault(file.folder, _FolderState()), node)
            case _:
                self._mapping(file.kind, self.folders.setdefault(file.folder, _FolderState()), node)

    def tree(self) -> Tree:
        folders = {
            name: Folder(name, _object(state.facts), state.facts, state.transforms, state.parts, state.drops)
            for name, state in self.folders.items()
        }
        return Tree(folders, self.tables, self.quirks, self.providers, self.clients, self.compat)

    def _parse(self, node: Node) -> Template:
        parser = TemplateParser(self.problems)
        return parser.parse(node)

    def _mapping(self, kind: Kind, state: _FolderState, node: MapNode) -> None:
        for direction in DIRECTIONS:
            template = node.get(direction)
            if template is not None:
                state.transforms[kind, direction] = self._parse(template)
            state.drops[kind, direction] = tuple(_drops(node, direction))
        self._parts(state, node)

    def _parts(self, state: _FolderState, node: MapNode) -> None:
        parts = node.get("parts")
        for entry in parts.entries if isinstance(parts, MapNode) else ():
            part = Part(entry.key.text, self._parse(entry.value), entry.key)
            if other := state.parts.get(part.name):
                self.problems.append(_duplicate_part(part, other))
            else:
                state.parts[part.name] = part

    def _operation(self, stem: str, state: _FolderState, node: MapNode) -> None:
        """A file of an operation besides chat: `request` and `response`, each with its directions, parts and drops."""
        for half in OPERATION_HALVES:
            inner = node.get(half)
            if isinstance(inner, MapNode):
                self._mapping(operation_kind(stem, half), state, inner)
        self._parts(state, node)

    def _table(self, stem: str, node: MapNode) -> None:
        name = _word(node.get("table")) or stem
        values = to_json(node.get("values") or node)
        default = node.get("default")
        self.tables[name] = Table(
            name, values if isinstance(values, dict) else {}, to_json(default) if default else None, node
        )

    def _quirk(self, stem: str, node: MapNode) -> None:
        applies = _object(node.get("applies_to"))
        capabilities = node.get("capabilities")
        self.quirks[_word(node.get("quirk")) or stem] = Quirk(
            name=_word(node.get("quirk")) or stem,
            why=_word(node.get("why")),
            source=_word(node.get("source")),
            applies_to={name: _globs(value) for name, value in applies.items()},
            after=_globs(to_json(after)) if (after := node.get("after")) else (),
            edits={kind: self._parse(edit) for kind in EDITS if (edit := node.get(kind)) is not None},
            capabilities=_object(capabilities),
            examples=tuple(_examples(node)),
            node=node,
        )


def load_tree(roots: Iterable[Path]) -> tuple[Tree, list[Diagnostic]]:
    """Read every mapping file under the roots."""
    loader = read_tree(roots)
    return loader.tree(), loader.problems


def read_tree(roots: Iterable[Path], known: Mapping[Path, tuple[str, Node | None]] = NOTHING_KNOWN) -> TreeLoader:
    """Read every mapping file under the roots, save those whose shown name and tree are known already."""
    loader = TreeLoader()
    for file in find_mapping_files(roots):
        if file.path in known:
            display, node = known[file.path]
            loader.add(replace(file, display=display), node)
        else:
            loader.read(file)
    return loader


def _duplicate_part(part: Part, other: Part) -> Diagnostic:
    return Diagnostic(
        "M413",
        f"a part named `{part.name}` exists already",
        part.node.span,
        label="defined again here",
        help="parts are visible in the whole protocol folder; give this one another name",
        related=(Related(other.node.span, "first defined here"),),
    )


def _drops(node: MapNode, direction: str) -> Iterator[DropEntry]:
    drops = node.get("drops")
    listed = drops.get(direction) if isinstance(drops, MapNode) else None
    for entry in listed.entries if isinstance(listed, MapNode) else ():
        yield DropEntry(entry.key.text, _word(entry.value), entry.key)


def _examples(node: MapNode) -> Iterator[Example]:
    listed = node.get("examples")
    for item in listed.items if isinstance(listed, ListNode) else ():
        if isinstance(item, MapNode) and (given := item.get("given")) and (expect := item.get("expect")):
            yield Example(to_json(given), to_json(expect), _word(item.get("kind")) or "request", item)


def _word(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""


def _object(node: Node | None) -> dict[str, Json]:
    value = to_json(node) if node is not None else {}
    return value if isinstance(value, dict) else {}


def _globs(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
