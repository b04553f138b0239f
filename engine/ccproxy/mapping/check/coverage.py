"""Nothing is lost in silence: every field of the source is read by some rule, or listed under `drops:`.

A field counts as read when an expression reads it or when the object that holds it went on whole. What lies inside a
field that was read counts the same way, down to the last object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.mapping.check.ordering import field_order, place_of_missing
from ccproxy.mapping.drops import pointer_steps
from ccproxy.shapes.expansion import field_of, fields_of
from ccproxy.shapes.nodes import SchemaNode
from ccproxy.shapes.shape import Shape
from ccproxy.yamltree.nodes import json_pointer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccproxy.diagnostics.model import Span
    from ccproxy.expr.check.reads import Reads
    from ccproxy.mapping.check.exempt import Exemptions
    from ccproxy.mapping.check.scope import Scope
    from ccproxy.mapping.model import Direction, DropEntry
    from ccproxy.shapes.nodes import Node

    FieldOf = tuple[Node, str]
    Path = tuple[str, ...]

STANDS_FOR_ALL = "native"  # a citation as its own protocol wrote it


@dataclass(slots=True)
class Handlers:
    """Which template deals with which objects of the source."""

    places: dict[Node, tuple[int, Span]] = field(default_factory=dict)

    def note(self, scope: Scope) -> None:
        """Remember the key under which an object is current among the fewest others."""
        if not scope.whole:
            return
        width = len(scope.context.nodes)
        for node in scope.context.nodes:
            known = self.places.get(node)
            if known is None or width < known[0]:
                self.places[node] = (width, scope.anchor)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one transform did with its source."""

    direction: Direction
    source: Shape
    reads: Reads
    handlers: Handlers
    drops: tuple[DropEntry, ...]
    anchor: Span  # the key of the transform

    def dropped(self) -> set[tuple[str, str]]:
        """Places and names of fields that are dropped."""
        found = {each for entry in self.drops for each in self._resolve(entry.pointer)}
        return {(node.pointer, name) for node, name in found if isinstance(node, SchemaNode)}

    def places(self) -> Iterator[tuple[SchemaNode, str, str, Span]]:
        """Fields of the source, whether each is read or dropped, and where."""
        for (node, name), span in self.reads.places.items():
            if isinstance(node, SchemaNode):
                yield node, name, "read", span
        for entry in self.drops:
            for node, name in self._resolve(entry.pointer):
                if isinstance(node, SchemaNode):
                    yield node, name, "dropped", entry.node.span

    def handled(self) -> set[tuple[str, str]]:
        """Places and names of fields that are read or dropped."""
        read = self.reads.fields | self.reads.tested
        return self.dropped() | {(node.pointer, name) for node, name in read if isinstance(node, SchemaNode)}

    def problems(self, exempt: Exemptions) -> Iterator[Diagnostic]:
        """Fields that got lost, and drops that cannot be."""
        if self.source.is_any:
            return
        dropped: set[FieldOf] = set()
        for entry in self.drops:
            found = list(self._resolve(entry.pointer))
            if not found:
                problem = self._unknown_drop(entry)
                found = list(self._resolve(problem.suggestion)) if problem.suggestion else []
                yield problem
            elif all(self._is_carried(*each) for each in found):
                yield _needless_drop(entry)
            dropped.update(found)
        yield from self._lost(dropped, exempt)

    # ---- fields that got lost -----------------------------------------------------------------------

    def _lost(self, dropped: set[FieldOf], exempt: Exemptions) -> Iterator[Diagnostic]:
        lost: dict[tuple[Path, Span], dict[str, Node]] = {}
        for node, name, path in self._unread(dropped, exempt):
            place = self.handlers.places.get(node, (0, self.anchor))[1]
            lost.setdefault((path, place), {}).setdefault(name, node)
        for (path, place), names in lost.items():
            first = min(names)
            beside = self._beside(names[first], first, place) if len(names) < 3 else None
            yield self._lost_fields(sorted(names), path, beside or place)

    def _beside(self, owner: Node, name: str, place: Span) -> Span | None:
        """Where the field would be read, by the places of those that the schema lists before and after it."""
        read = [(other, span) for (node, other), span in self.reads.places.items() if node == owner]
        own = sorted((span, other) for other, span in read if span.file == place.file and span.line >= place.line)
        return place_of_missing(name, [(other, span) for span, other in own], field_order(Shape(frozenset((owner,)))))

    def _unread(self, dropped: set[FieldOf], exempt: Exemptions) -> Iterator[tuple[Node, str, Path]]:
        """Walk from the root to every object that is not carried whole, through required fields first."""
        seen: set[Node] = set()
        roots: list[tuple[Node, Path]] = [(node, ()) for node in _ordered(self.source)]
        later: list[tuple[Node, Path]] = []
        for node, path in roots:
            inside, unread = self._inside(node, path, dropped, exempt)
            yield from unread
            seen.add(node)
            later += inside
        later.sort(key=lambda each: not self.source.property(each[1][0]).required if each[1] else False)
        for start in later:
            waiting = [start]
            while waiting:
                node, path = waiting.pop(0)
                if node in seen:
                    continue
                seen.add(node)
                inside, unread = self._inside(node, path, dropped, exempt)
                yield from unread
                waiting += inside

    def _inside(
        self, node: Node, path: Path, dropped: set[FieldOf], exempt: Exemptions
    ) -> tuple[list[tuple[Node, Path]], list[tuple[Node, str, Path]]]:
        """What lies in the fields of an object that were read, and the fields that were not."""
        if not isinstance(node, SchemaNode) or self.reads.is_done(node):
            return [], []
        if node.kind == "array":
            return [(item, (*path, "*")) for item in _ordered(Shape(frozenset((node,))).items())], []
        if (node, STANDS_FOR_ALL) in self.reads.fields and node.schema.startswith("unified/"):
            return [], []
        inside: list[tuple[Node, Path]] = []
        unread: list[tuple[Node, str, Path]] = []
        for name in sorted(fields_of(node)):
            found = field_of(node, name)
            shape = Shape(found.nodes) if found else Shape.nothing()
            if (node, name) in dropped or exempt.covers(node, name, shape):
                continue
            if (node, name) in self.reads.fields or (node, name) in self.reads.tested:
                inside += [(inner, (*path, name)) for inner in _ordered(shape)]
            else:
                unread.append((node, name, path))
        return inside, unread

    def _lost_fields(self, names: list[str], path: Path, place: Span) -> Diagnostic:
        parent = json_pointer(path)
        verb = "is" if len(names) == 1 else "are"
        owner = f" of `{parent}`" if parent else ""
        return Diagnostic(
            "M406",
            f"{quoted_list(names, 'and', 8)}{owner} {verb} neither read nor dropped",
            place,
            label="other fields of it are read here",
            help=f"read it, or say why not: `drops: {{ {self.direction}: {{ {parent}/{names[0]}: … }} }}`",
        )

    # ---- drops --------------------------------------------------------------------------------------

    def _resolve(self, pointer: str) -> Iterator[FieldOf]:
        """The fields that a drop names."""
        *steps, last = pointer_steps(pointer) or [""]
        shape = self.source
        for step in steps:
            shape = _step(shape, step)
        for node in shape.nodes:
            found = field_of(node, last)
            if found is not None and found.known:
                yield node, last

    def _is_carried(self, owner: Node, name: str) -> bool:
        """Whether the whole of a field is read."""
        found = field_of(owner, name)
        inside = [node for node in found.nodes if isinstance(node, SchemaNode)] if found else []
        read = owner in self.reads.whole or (owner, name) in self.reads.fields
        return read and all(node in self.reads.whole for node in inside)

    def _unknown_drop(self, entry: DropEntry) -> Diagnostic:
        shape, done = self.source, ""
        for step in pointer_steps(entry.pointer) or [""]:
            inner = _step(shape, step)
            if inner.is_nothing:
                break
            shape, done = inner, f"{done}/{step}"
        names = ["*"] if "array" in shape.kinds() and not shape.property_names() else sorted(shape.property_names())
        meant = closest(step, names)
        return Diagnostic(
            "M407",
            f"`{entry.pointer}` is no field of the source",
            entry.node.span,
            label=f"{f'`{done}`' if done else 'the source'} has no `{step}`",
            help=f"write `{done}/{meant}`" if meant else f"there is {quoted_list(names, 'and')}" if names else "",
            suggestion=f"{done}/{meant}" if meant else "",
        )


def _needless_drop(entry: DropEntry) -> Diagnostic:
    return Diagnostic(
        "M407",
        f"`{entry.pointer}` is listed as dropped, but it is read",
        entry.node.span,
        label="a rule reads this field",
        help="delete the line",
    )


def _step(shape: Shape, step: str) -> Shape:
    return shape.items() if step == "*" else shape.property(step).shape


def _ordered(shape: Shape) -> Iterable[Node]:
    nodes = [node for node in shape.nodes if isinstance(node, SchemaNode)]
    return sorted(nodes, key=lambda node: (node.schema, node.pointer))
