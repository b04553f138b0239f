"""Parser events to nodes. Built from events, not from ruamel's nodes, because aliases lose their place there."""

from dataclasses import dataclass, field

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.yamltree.nodes import Entry, ListNode, MapNode, Node, ScalarNode, Style
from ccproxy.yamltree.scalar_types import old_boolean, typed
from ccproxy.yamltree.source import Source

STYLES: dict[str | None, Style] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
DEEPEST = 100


class TreeTooDeepError(Exception):
    """The nesting is deeper than any honest file."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


@dataclass(slots=True)
class OpenCollection:
    """A list or mapping whose end has not been read; `nodes` alternates keys and values in a mapping."""

    start: int
    flow: bool
    is_map: bool
    nodes: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class TreeBuilder:
    """Takes events in order; owns the only mutable state of loading."""

    source: Source
    root: Node | None = None
    documents: int = 0
    problems: list[Diagnostic] = field(default_factory=list)
    stack: list[OpenCollection] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Add one event to the tree."""
        if isinstance(event, ScalarEvent):
            self._add(self._scalar(event))
        elif isinstance(event, AliasEvent):
            self._add(self._alias(event))
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self._close(event)
        elif isinstance(event, DocumentEndEvent):
            self.documents += 1

    def _scalar(self, event: ScalarEvent) -> ScalarNode:
        start, end = self._range(event)
        self._check_properties(event, start)
        style = STYLES.get(event.style, "plain")
        if event.anchor or event.tag:
            start = self._after_properties(start, end)
        raw = self.source.text[start:end]
        end = start + len(raw.rstrip()) if style == "plain" else end
        value = typed(event.value) if style == "plain" else event.value
        node = ScalarNode(value, event.value, style, self.source.span(start, end), self.source, start, end)
        if style == "plain":
            self._check_old_boolean(node)
        return node

    def _alias(self, event: AliasEvent) -> ScalarNode:
        start, end = self._range(event)
        if not self._follows_merge_key():
            self.problems.append(self._no_anchor(start, end, f"alias `*{event.anchor}`"))
        return ScalarNode(None, "", "plain", self.source.span(start, end), self.source, start, end)

    def _follows_merge_key(self) -> bool:
        """`<<: *name` is one mistake, told at its key."""
        last = self.stack[-1].nodes[-1] if self.stack and self.stack[-1].nodes else None
        return isinstance(last, ScalarNode) and last.text == "<<" and self.stack[-1].is_map

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        start, _ = self._range(event)
        self._check_properties(event, start)
        if len(self.stack) >= DEEPEST:
            raise TreeTooDeepError(start)
        self.stack.append(OpenCollection(start, bool(event.flow_style), isinstance(event, MappingStartEvent)))

    def _close(self, event: Event) -> None:
        done = self.stack.pop()
        _, end = self._range(event)
        self._add(self._map(done, end) if done.is_map else self._list(done, end))

    def _map(self, done: OpenCollection, end: int) -> MapNode:
        entries: dict[str, Entry] = {}
        for key, value in zip(done.nodes[::2], done.nodes[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self.problems.append(
                    Diagnostic("Y109", "a key must be a plain word", key.span, label="this is no word")
                )
            elif key.text == "<<" and key.style == "plain":
                self.problems.append(self._no_anchor(key.start, key.end, "merge key `<<`"))
            elif key.text in entries:
                self.problems.append(_duplicate(entries[key.text].key, key))
            else:
                entries[key.text] = Entry(key, value)
        span = self.source.span(done.start, end) if done.flow or not done.nodes else done.nodes[0].span
        return MapNode(tuple(entries.values()), span, done.flow)

    def _list(self, done: OpenCollection, end: int) -> ListNode:
        span = self.source.span(done.start, end if done.flow else done.start + 1)
        return ListNode(tuple(done.nodes), span, done.flow)

    def _add(self, node: Node) -> None:
        if self.stack:
            self.stack[-1].nodes.append(node)
        elif self.root is None:
            self.root = node

    def _range(self, event: Event) -> tuple[int, int]:
        return event.start_mark.index, event.end_mark.index

    def _after_properties(self, start: int, end: int) -> int:
        """Skip `&anchor` and `!tag` before a scalar."""
        text = self.source.text
        while start < end and text[start] in "&!":
            while start < end and not text[start].isspace():
                start += 1
            while start < end and text[start].isspace():
                start += 1
        return start

    def _check_properties(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent, start: int) -> None:
        if event.anchor:
            self.problems.append(self._no_anchor(start, start + len(event.anchor) + 1, f"anchor `&{event.anchor}`"))
        if event.tag:
            end = self.source.line_end(self.source.row_of(start))
            word = self.source.text[start:end].split()[0]
            span = self.source.span(start, start + len(word))
            self.problems.append(Diagnostic("Y109", f"tag `{word}` has no meaning here", span, "a tag", "delete it"))

    def _no_anchor(self, start: int, end: int, what: str) -> Diagnostic:
        return Diagnostic(
            "Y106",
            f"{what} is not allowed",
            self.source.span(start, end),
            label="one place must not depend on another by a YAML trick",
            help="name the common piece under `parts:` and write `$use:`, or repeat it",
        )

    def _check_old_boolean(self, node: ScalarNode) -> None:
        is_key = bool(self.stack and self.stack[-1].is_map and len(self.stack[-1].nodes) % 2 == 0)
        meant = old_boolean(node.text, is_key)
        if meant is None:
            return
        other = "" if is_key else f", or `{str(meant).lower()}` for the boolean"
        self.problems.append(
            Diagnostic(
                "Y103",
                f"bare `{node.text}` is a boolean for some YAML readers and text for others",
                node.span,
                label="text here, a boolean in YAML 1.1",
                help=f'write `"{node.text}"` for the word{other}',
            )
        )


def _duplicate(first: ScalarNode, second: ScalarNode) -> Diagnostic:
    return Diagnostic(
        "Y102",
        f"duplicate key `{second.text}`",
        second.span,
        label="given a second time",
        help="delete one of the two, or rename it",
        related=(Related(first.span, "first given here"),),
    )
