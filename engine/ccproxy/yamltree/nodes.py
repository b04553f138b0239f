"""The tree of a YAML file. Nodes are values; each knows its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ccproxy.diagnostics.model import Span
from ccproxy.jsontypes import Json
from ccproxy.yamltree.scalar_places import character_places
from ccproxy.yamltree.source import Source

Style: TypeAlias = Literal["plain", "single", "double", "literal", "folded"]
Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A word, number, boolean, null or text; `text` is the content before typing."""

    value: Scalar
    text: str
    style: Style
    span: Span
    source: Source = field(repr=False, compare=False)
    start: int = field(repr=False, compare=False)
    end: int = field(repr=False, compare=False)

    def place(self, offset: int, length: int = 1) -> Span:
        """The place in the file of some characters of the text, in any style of quoting or block."""
        places = character_places(self.source.text[self.start : self.end], self.style, self.text)
        if not places:
            return self.span
        first = places[min(offset, len(places) - 1)]
        last = places[min(max(offset + length - 1, offset), len(places) - 1)]
        past_end = offset >= len(places)
        start = self.start + first + past_end
        return self.source.span(start, max(self.start + last + 1, start + 1))


@dataclass(frozen=True, slots=True)
class Entry:
    """One `key: value` of a mapping."""

    key: ScalarNode
    value: "Node"

    @property
    def name(self) -> str:
        return self.key.text


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping; entries keep their order, and a duplicate key keeps its first value."""

    entries: tuple[Entry, ...]
    span: Span
    flow: bool = False

    def get(self, name: str) -> "Node | None":
        entry = self.entry(name)
        return entry.value if entry else None

    def entry(self, name: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.name == name), None)

    def keys(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.entries)

    def __contains__(self, name: object) -> bool:
        return any(entry.name == name for entry in self.entries)


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list."""

    items: tuple["Node", ...]
    span: Span
    flow: bool = False


Node: TypeAlias = MapNode | ListNode | ScalarNode


def to_json(node: Node) -> Json:
    """The plain value; keys are always strings."""
    if isinstance(node, MapNode):
        return {entry.name: to_json(entry.value) for entry in node.entries}
    if isinstance(node, ListNode):
        return [to_json(item) for item in node.items]
    return node.value


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it in file order; keys too."""
    yield node
    if isinstance(node, MapNode):
        for entry in node.entries:
            yield entry.key
            yield from walk(entry.value)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from walk(item)


def node_at(node: Node, pointer: tuple[str | int, ...]) -> Node | None:
    """Follow keys and indices down the tree."""
    current: Node | None = node
    for step in pointer:
        if isinstance(current, MapNode):
            current = current.get(str(step))
        elif isinstance(current, ListNode) and isinstance(step, int) and step < len(current.items):
            current = current.items[step]
        else:
            return None
    return current


def json_pointer(steps: tuple[str | int, ...]) -> str:
    """Write steps as an RFC 6901 pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
