"""Which pieces of a mapping can have written a place of its output. Nothing is run: cases that exclude each other all
count, and the deepest piece on the way is given where the place itself is not written anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from ccproxy.mapping import template as t

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.model import Folder, Tree

Path = tuple[str | int, ...]


class Writer(NamedTuple):
    """A piece of a mapping, and how much of the path it accounts for."""

    span: Span
    depth: int


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where a search is: the rest of the path, and whether outputs here are items of a list."""

    tree: Tree
    folder: Folder
    path: Path
    depth: int = 0
    in_list: bool = False
    names: Mapping[str, t.Template] = field(default_factory=dict)
    inside: frozenset[tuple[str, int]] = frozenset()

    def into(self) -> _Walk:
        """Go on inside the field or item that the path begins with."""
        return replace(self, path=self.path[1:], depth=self.depth + 1, in_list=False)

    def of_item(self) -> _Walk:
        """Go on inside an item, where the path leads to one."""
        return self.into() if self.in_list and self.path and isinstance(self.path[0], int) else self


def writers(tree: Tree, folder: Folder, template: t.Template, path: Path, *, events: bool = False) -> list[Writer]:
    """Return what can have written a path, each place once; `events` for transforms whose outputs are a list."""
    found = dict.fromkeys(_writers(template, _Walk(tree, folder, path, in_list=events)))
    return list(found)


def _writers(template: t.Template, walk: _Walk) -> Iterator[Writer]:
    match template:
        case t.Literal(node=node):
            yield Writer(node.span, walk.of_item().depth)
        case t.Dynamic(node=node, expression=expression):
            yield Writer(node.span, walk.of_item().depth)
            bound = walk.names.get(expression.text.strip().removeprefix("$"))
            if bound is not None:
                yield from _writers(bound, walk)
        case t.Object():
            yield from _of_object(template, walk.of_item())
        case t.Array(items=items):
            for item in items:
                yield from _writers(item, replace(walk, in_list=True))
        case t.Each(body=body):
            yield from _writers(body, replace(walk, in_list=True))
        case t.Use():
            yield from _of_part(template, walk)
        case t.Let(bindings=bindings, body=body):
            names = {**walk.names, **{binding.key: binding.value for binding in bindings}}
            yield from _writers(body, replace(walk, names=names))
        case t.Entries(body=body, node=node):
            yield Writer(node.span, walk.depth)
            if walk.path:
                yield from _writers(body, walk.into())
        case t.If(then=then, otherwise=otherwise):
            yield from _of_any((then, otherwise), walk)
        case t.Match(cases=cases, none=none, otherwise=otherwise):
            yield from _of_any((*(case.body for case in cases), none, otherwise), walk)
        case t.First(options=options):
            yield from _of_any(options, walk)
        case _:
            return


def _of_any(options: tuple[t.Template | None, ...], walk: _Walk) -> Iterator[Writer]:
    for option in options:
        if option is not None:
            yield from _writers(option, walk)


def _of_object(template: t.Object, walk: _Walk) -> Iterator[Writer]:
    yield Writer(template.node.span, walk.depth)
    for spread in template.merge:
        yield from _writers(spread, walk)
    if not walk.path:
        return
    for name in template.copy.names if template.copy else ():
        if name.value == walk.path[0]:
            yield Writer(name.span, walk.depth + 1)
    for each in template.fields:
        if each.key == walk.path[0]:
            yield Writer(each.node.span, walk.depth + 1)
            yield from _writers(each.value, walk.into())


def _of_part(template: t.Use, walk: _Walk) -> Iterator[Writer]:
    name = str(template.name.value)
    yield Writer(template.node.span, walk.depth)
    table = walk.tree.tables.get(name)
    if table is not None:
        yield Writer(table.node.span, walk.of_item().depth)
    part = walk.folder.parts.get(name)
    if part is not None and (name, walk.depth) not in walk.inside:
        arguments = {argument.key: argument.value for argument in template.arguments}
        inner = replace(walk, names=arguments, inside=walk.inside | {(name, walk.depth)})
        yield from _writers(part.template, inner)
