"""The JSON pointer of a place in a file, for problems that know only line and column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ccproxy.yamltree.nodes import ListNode, MapNode, Node, ScalarNode, json_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ccproxy.diagnostics.model import Diagnostic

    Path = tuple[str | int, ...]
    Place = tuple[int, int, Path]


@dataclass(slots=True)
class Pointers:
    """Looks for the last key or value that begins at or before a place; a file is read at its first problem."""

    nodes: Mapping[str, Node]
    _places: dict[str, list[Place]] = field(default_factory=dict)

    def add(self, problem: Diagnostic) -> Diagnostic:
        """The problem with its pointer."""
        if problem.path or problem.span.file not in self.nodes:
            return problem
        place = (problem.span.line, problem.span.column)
        before = [known for known in self._of(problem.span.file) if known[:2] <= place]
        return replace(problem, path=json_pointer(before[-1][2])) if before else problem

    def _of(self, file: str) -> list[Place]:
        if file not in self._places:
            self._places[file] = sorted(_places(self.nodes[file], ()), key=lambda place: place[:2])
        return self._places[file]


def _places(node: Node, path: Path) -> Iterator[Place]:
    if isinstance(node, ScalarNode):
        yield node.span.line, node.span.column, path
    elif isinstance(node, MapNode):
        for entry in node.entries:
            yield entry.key.span.line, entry.key.span.column, (*path, entry.name)
            yield from _places(entry.value, (*path, entry.name))
    elif isinstance(node, ListNode):
        for position, item in enumerate(node.items):
            yield item.span.line, item.span.column, (*path, position)
            yield from _places(item, (*path, position))
