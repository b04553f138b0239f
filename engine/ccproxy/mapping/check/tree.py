"""`check_tree`: every check of meaning over a whole mappings tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.mapping.check.conflicts import check_conflicts
from ccproxy.mapping.check.facts import check_facts, check_providers
from ccproxy.mapping.check.folders import check_folder
from ccproxy.mapping.check.naming import check_capabilities, check_names
from ccproxy.mapping.check.pointers import Pointers
from ccproxy.mapping.check.quirks import QuirkCheck
from ccproxy.mapping.check.references import check_tables, uses_of
from ccproxy.mapping.check.spelling import spoken_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.mapping.model import Tree
    from ccproxy.yamltree.nodes import Node

EVERYTHING = "*"


def check_tree(
    tree: Tree, nodes: Mapping[str, Node], *, only: Collection[str] | None = None, broken: Collection[str] = ()
) -> list[Diagnostic]:
    """Check the tree, or its folders in `only`. `nodes` are the files; `broken` are folders with unreadable files."""
    problems: list[Diagnostic] = []
    shared_is_whole = "shared" not in broken
    words = spoken_words(tree)
    for name, folder in tree.folders.items():
        if only is None or name in only:
            problems += check_folder(tree, folder, nodes, words, complete=shared_is_whole and name not in broken)
            problems += check_facts(tree, folder)
    if not broken and (only is None or set(only) & tree.folders.keys()):
        problems += check_tables(tree.tables, {*_used_names(tree), *_meant_names(problems)})
    if only is None or "quirks" in only:
        for quirk in tree.quirks.values():
            problems += QuirkCheck(tree, quirk).problems()
        problems += check_conflicts(tree.quirks)
        problems += check_capabilities(tree)
    if only is None or "providers" in only:
        problems += check_providers(tree, nodes)
    problems += check_names(nodes, only)
    pointers = Pointers(nodes)
    return [pointers.add(problem) for problem in problems]


def _meant_names(problems: list[Diagnostic]) -> Iterator[str]:
    """Names that were probably meant where unknown ones were used."""
    yield from (problem.suggestion.lstrip("$") for problem in problems if problem.code in ("M403", "M404", "X302"))


def _used_names(tree: Tree) -> Iterator[str]:
    for folder in tree.folders.values():
        templates = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
        yield from uses_of(templates).names
    for quirk in tree.quirks.values():
        yield from uses_of(list(quirk.edits.values())).names
