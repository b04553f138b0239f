"""From the path of a schema violation to the place and the name that an author sees."""

from collections.abc import Sequence
from typing import TypeAlias

from ccproxy.diagnostics.model import Span
from ccproxy.jsontypes import JsonObject
from ccproxy.yamltree.nodes import Entry, ListNode, MapNode, Node, ScalarNode, node_at
from ccproxy.yamltree.schema_words import lower_first

Path: TypeAlias = tuple[str | int, ...]


def entry_at(root: Node, path: Path) -> Entry | None:
    """The `key: value` that a path ends in."""
    parent = node_at(root, path[:-1]) if path else None
    return parent.entry(str(path[-1])) if isinstance(parent, MapNode) else None


def key_span(root: Node, path: Path) -> Span:
    """The key of a path; for items of a list and the whole file the value."""
    entry = entry_at(root, path)
    return entry.key.span if entry else value_span(root, path)


def value_span(root: Node, path: Path) -> Span:
    """The value of a path; a block of several lines, or nothing, is marked at its key."""
    node = node_at(root, path) or root
    entry = entry_at(root, path)
    if entry and (_is_block(node) or not _is_visible(node)):
        return entry.key.span
    return node.span


def _is_block(node: Node) -> bool:
    return isinstance(node, MapNode | ListNode) and not node.flow


def _is_visible(node: Node) -> bool:
    return not isinstance(node, ScalarNode) or node.end > node.start


def shown_name(path: Path) -> str:
    """What the path leads to: `port`, item 2 of `keys`, the file."""
    if not path:
        return "the file"
    last = path[-1]
    if isinstance(last, str):
        return f"`{last}`"
    owner = next((step for step in reversed(path) if isinstance(step, str)), "the list")
    return f"item {last + 1} of `{owner}`"


def owner_name(schema: JsonObject, path: Path) -> str:
    """The thing whose keys are wrong: the title of its schema, or its own name."""
    title = schema.get("title")
    if not isinstance(title, str):
        return shown_name(path)
    return f"the {lower_first(title)}"


def as_path(steps: Sequence[str | int]) -> Path:
    return tuple(steps)
