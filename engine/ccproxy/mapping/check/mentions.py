"""Where a protocol's mappings deal with a field of its messages: read, dropped, written, or only named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from ccproxy.mapping.check.folders import FolderCheck
from ccproxy.yamltree.nodes import ListNode, MapNode, ScalarNode

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.mapping.model import Tree
    from ccproxy.yamltree.nodes import Node

WORD = re.compile(r"\w[\w.-]*\w|\w")
SHARED = "shared"  # tables, whose words are those of all protocols
DEFINITIONS = "/$defs/"


@dataclass(frozen=True, slots=True)
class Mention:
    """One place in a mapping and what it does with a field."""

    how: str  # read, dropped, written, named
    file: str
    line: int


@dataclass(slots=True)
class Mentions:
    """All places of one protocol, by schema, definition and field, and by word."""

    fields: dict[tuple[str, str, str], list[Mention]] = field(default_factory=dict)
    objects: dict[tuple[str, str], list[Mention]] = field(default_factory=dict)
    words: dict[str, list[Mention]] = field(default_factory=dict)

    def of_field(self, schema: str, definition: str, name: str) -> list[Mention]:
        """Where a field is read, dropped, or written."""
        read = self.fields.get((schema, definition, name), [])
        return _each_once([*read, *(mention for mention in self.words.get(name, []) if mention.how == "written")])

    def of_object(self, schema: str, definition: str) -> list[Mention]:
        """Where other fields of the same object are read: the place for a new one."""
        return _each_once(self.objects.get((schema, definition), []))

    def of_word(self, word: str) -> list[Mention]:
        """Where a literal stands."""
        return _each_once(self.words.get(word, []))


def find_mentions(tree: Tree, nodes: Mapping[str, Node], protocol: str) -> Mentions:
    """The places of one protocol; `nodes` are the files of the tree."""
    found = Mentions()
    check = FolderCheck(tree, tree.folders[protocol], nodes, Counter())
    for coverage in check.coverages():
        for node, name, how, span in coverage.places():
            schema, definition = node.schema.removeprefix("wire/"), _definition(node.pointer)
            found.fields.setdefault((schema, definition, name), []).append(_mention(how, span))
            found.objects.setdefault((schema, definition), []).append(_mention(how, span))
    for file, root in nodes.items():
        if PurePath(file).parent.name in (protocol, SHARED):
            for word, mention in _words_in(root, dropping=False):
                found.words.setdefault(word, []).append(mention)
    return found


def _definition(pointer: str) -> str:
    """The name of the definition in which a place lies; the message itself is `body`."""
    return pointer.removeprefix(DEFINITIONS).partition("/")[0] if pointer.startswith(DEFINITIONS) else "body"


def _words_in(node: Node, *, dropping: bool) -> Iterator[tuple[str, Mention]]:
    """Keys are written, save what is dropped; words of texts are named."""
    if isinstance(node, MapNode):
        for entry in node.entries:
            inside = dropping or entry.name == "drops"
            for word in WORD.findall(entry.name):
                yield word, _mention("dropped" if inside else "written", entry.key.span)
            yield from _words_in(entry.value, dropping=inside)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _words_in(item, dropping=dropping)
    elif isinstance(node, ScalarNode) and isinstance(node.value, str) and not dropping:
        for word in WORD.findall(node.value):
            yield word, _mention("named", node.span)


def _mention(how: str, span: Span) -> Mention:
    return Mention(how, span.file, span.line)


def _each_once(mentions: list[Mention]) -> list[Mention]:
    return sorted(set(mentions), key=lambda mention: (mention.file, mention.line, mention.how))
