"""Names that files give themselves, and capabilities that quirks declare: both are looked up by other files."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest
from ccproxy.mapping import template as t
from ccproxy.yamltree.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ccproxy.mapping.model import Tree
    from ccproxy.yamltree.nodes import Node

NAMING = {"shared": "table", "quirks": "quirk", "providers": "provider", "clients": "client", "compat": "dialect"}
CAPABILITY = re.compile(r"\bcapabilities\.(\w+)")


def check_names(nodes: Mapping[str, Node], folders: Collection[str] | None) -> Iterator[Diagnostic]:
    """Report files that call themselves otherwise than their file is called."""
    for file, node in nodes.items():
        path = PurePath(file)
        folder = path.parent.name
        if folder not in NAMING or (folders is not None and folder not in folders) or not isinstance(node, MapNode):
            continue
        name = node.get(NAMING[folder])
        if isinstance(name, ScalarNode) and name.text != path.stem:
            yield Diagnostic(
                "M417",
                f"the {NAMING[folder]} `{name.text}` lies in a file that is named `{path.name}`",
                name.span,
                label="others refer to it by the name of the file",
                help=f"write `{path.stem}`, or rename the file",
                suggestion=path.stem,
            )


def check_capabilities(tree: Tree) -> Iterator[Diagnostic]:
    """Report capabilities that nothing reads and that are a slip away from one that something does."""
    read = set(_read(tree))
    declared = Counter(name for quirk in tree.quirks.values() for name in quirk.capabilities)
    for folder in tree.folders.values():
        own = folder.facts.get("capabilities")
        declared.update(list(own) if isinstance(own, dict) else ())
    known = read | {name for name, count in declared.items() if count > 1}
    for quirk in tree.quirks.values():
        node = quirk.node.get("capabilities")
        for entry in node.entries if isinstance(node, MapNode) else ():
            meant = None if entry.name in known else closest(entry.name, known)
            if meant:
                yield Diagnostic(
                    "M417",
                    f"unknown capability `{entry.name}`",
                    entry.key.span,
                    label="no rule and no other file has this name",
                    help=f"write `{meant}`",
                    suggestion=meant,
                )


def _read(tree: Tree) -> Iterator[str]:
    for folder in tree.folders.values():
        for root in [*folder.transforms.values(), *(part.template for part in folder.parts.values())]:
            yield from _in_template(root)
    for quirk in tree.quirks.values():
        for root in quirk.edits.values():
            yield from _in_template(root)


def _in_template(root: t.Template) -> Iterator[str]:
    for each in t.walk(root):
        if isinstance(each, t.Dynamic) and "capabilities" in each.expression.text:
            yield from CAPABILITY.findall(each.expression.text)
