"""Checks of meaning, behind one function so that `validate` does not know what they are.

Mapping files are checked as part of the tree they belong to: the built-in mappings with the checked folders laid over
them. Only what concerns the checked files is reported.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from ccproxy.cli.checked_config import load_checked
from ccproxy.cli.file_kinds import CheckedFile
from ccproxy.compat.check import check_dialects
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import MappingError
from ccproxy.conversion.example_check import check_protocol_examples
from ccproxy.conversion.examples import check_examples
from ccproxy.conversion.protocol_examples import EXAMPLES_FILE
from ccproxy.datadirs import find_data_dir, find_data_dirs
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.mapping.check.pointers import Pointers
from ccproxy.mapping.check.references import uses_of
from ccproxy.mapping.check.tree import check_tree
from ccproxy.mapping.files import PROTOCOL_FILES, SPECIAL_FOLDERS
from ccproxy.mapping.loader import TreeLoader, read_tree
from ccproxy.mapping.model import Tree
from ccproxy.yamltree.nodes import MapNode, Node, to_json
from ccproxy.yamltree.schema_store import SchemaStore

DIALECT_SCHEMAS = ("mapping/compat", "mapping/toolmode")


def check_meaning(files: Sequence[CheckedFile]) -> list[Diagnostic]:
    """Check what well-formed files say together: expressions, parts, tables, coverage."""
    return [*_check_configurations(files), *_check_mappings(mappings_among(files))]


def _check_configurations(files: Sequence[CheckedFile]) -> Iterator[Diagnostic]:
    """What `serve` would refuse: unknown providers and protocols, missing variables, names that lead elsewhere."""
    found = [file for file in files if file.schema == "config" and isinstance(file.node, MapNode)]
    if not found:
        return
    try:
        engine = Engine.load()
    except MappingError:
        return  # without mappings nobody can say which protocols and presets there are
    for file in found:
        yield from load_checked(Path(file.display), os.environ, engine, file.text)[1]


def mappings_among(files: Iterable[CheckedFile]) -> list[CheckedFile]:
    """Files that lie where mappings are looked for."""
    return [file for file in files if _is_mapping(file)]


def _check_mappings(mappings: Sequence[CheckedFile]) -> list[Diagnostic]:
    if not mappings:
        return []
    loader = _load(mappings)
    return meaning_in(loader.tree(), loader.nodes, loader.problems, loader.broken, mappings)


def meaning_in(
    tree: Tree,
    nodes: Mapping[str, Node],
    known: Iterable[Diagnostic],
    broken: Collection[str],
    mappings: Sequence[CheckedFile],
) -> list[Diagnostic]:
    """What is wrong with mapping files in their tree; `known` was found when the tree was made of its `nodes`."""
    if not mappings:
        return []
    displays = {file.display for file in mappings}
    folders = {file.path.resolve().parent.name for file in mappings}
    if "shared" in folders:
        folders |= set(protocols_using(tree, [file.path.stem for file in mappings]))
    pointers = Pointers(nodes)
    problems = [pointers.add(problem) for problem in known]
    problems += check_tree(tree, nodes, only=folders, broken=broken)
    spoilt = {problem.span.file for problem in problems if problem.severity == "error"}
    for quirk in tree.quirks.values():
        if quirk.node.span.file in displays - spoilt:
            problems += check_examples(tree, quirk)
    if "shared" not in broken:
        problems += examples_of_protocols(tree, folders & tree.folders.keys() - set(broken), spoilt, mappings)
    problems += check_dialects(_dialects(mappings), tree.compat)
    return [problem for problem in problems if problem.span.file in displays or problem.code == "E501"]


def protocols_using(tree: Tree, tables: Collection[str]) -> Iterator[str]:
    """Protocols whose rules ask one of the tables."""
    for name, folder in tree.folders.items():
        rules = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
        if not uses_of(rules).names.isdisjoint(tables):
            yield name


def examples_of_protocols(
    tree: Tree, names: Iterable[str], spoilt: Collection[str], files: Sequence[CheckedFile]
) -> Iterator[Diagnostic]:
    """Run the examples beside the checked files of each protocol, and of all that use checked tables."""
    roots = {file.path.resolve().parent.parent for file in files}
    shown = {file.path.resolve().parent: file.display.rpartition("/")[0] for file in files}
    spoilt_folders = {file.rpartition("/")[0] for file in spoilt}
    for name in names:
        for path in (found for root in roots if (found := root / name / EXAMPLES_FILE).is_file()):
            folder = shown.get(path.parent, path.parent.as_posix())
            if folder not in spoilt_folders and not any(each.endswith("/shared") for each in spoilt_folders):
                yield from check_protocol_examples(tree, tree.folders[name], path, f"{folder}/{EXAMPLES_FILE}")


def _dialects(files: Sequence[CheckedFile]) -> dict[str, MapNode]:
    """Files of the folder of tool dialects whose shape is right."""
    schemas = SchemaStore(find_data_dir("schemas"))
    return {
        file.path.stem: file.node
        for file in files
        if file.schema in DIALECT_SCHEMAS
        and isinstance(file.node, MapNode)
        and schemas.accepts(file.schema, to_json(file.node))
    }


def _is_mapping(file: CheckedFile) -> bool:
    """Whether the file lies where mappings are looked for."""
    folder = file.path.resolve().parent
    is_of_protocol = file.path.stem in PROTOCOL_FILES or (folder / "protocol.yaml").is_file()
    return file.path.suffix == ".yaml" and (folder.name in SPECIAL_FOLDERS or is_of_protocol)


def _load(files: Sequence[CheckedFile]) -> TreeLoader:
    roots = [root.resolve() for root in find_data_dirs("mappings")]
    roots += [root for file in files if (root := file.path.resolve().parent.parent) not in roots]
    read: dict[Path, tuple[str, Node | None]] = {file.path.resolve(): (file.display, file.node) for file in files}
    return read_tree(dict.fromkeys(roots), read)
