"""`ccproxy validate --accept`: what protocols give today becomes what their examples expect.

A protocol without examples gets some, made from the schemas: as many as it takes to run every rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.conversion.example_choice import candidates, choose
from ccproxy.conversion.protocol_examples import EXAMPLES_FILE, compile_folder, example_line, read_examples
from ccproxy.datadirs import find_data_dirs
from ccproxy.mapping.loader import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ccproxy.mapping.model import Tree


def accept(folders: Sequence[Path]) -> Iterator[str]:
    """Write the examples of these protocol folders, which are free of other mistakes; tell what was done."""
    roots = dict.fromkeys(
        [*(root.resolve() for root in find_data_dirs("mappings")), *(each.parent for each in folders)]
    )
    tree = read_tree(roots).tree()
    for folder in folders:
        if folder.name in tree.folders:
            yield _written(tree, folder)


def _written(tree: Tree, folder: Path) -> str:
    protocol, path = tree.folders[folder.name], folder / EXAMPLES_FILE
    unit = compile_folder(tree, protocol)
    old = [each for each in read_examples(path) if not isinstance(each, int)] if path.is_file() else []
    chosen = choose(unit, protocol, old, () if old else candidates(tree, protocol)).chosen
    before = {each.line: example_line(each) for each in old}
    changed = sum(example_line(each) != before.get(each.line) for each in chosen)
    path.write_bytes(b"".join(example_line(each) for each in chosen))
    if not old:
        return f"{folder.name}: {len(chosen)} examples made"
    gone = len(old) - len(chosen)
    return f"{folder.name}: {changed} of {len(old)} examples changed" + (f", {gone} taken out" if gone else "")
