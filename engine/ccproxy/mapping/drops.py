"""Finds, in one message, the fields that a mapping declares it does not carry."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ccproxy.jsontypes import Json

ITEM = re.compile(r"/\d+(?=/|$)")
OWN_FIELD = re.compile(r"/extra/[^/]+(?=/)")
EMPTY: tuple[Json, ...] = (None, "", [], {})


@dataclass(slots=True)
class DropNode:
    """One step of the declared pointers; `*` stands for every item of an array."""

    steps: dict[str, DropNode] = field(default_factory=dict)
    label: str = ""
    reason: str = ""
    names: frozenset[str] = frozenset()


def build_drops(declared: Iterable[tuple[str, str]]) -> DropNode:
    """Declared (pointer, reason) pairs as one tree."""
    root = DropNode()
    for pointer, reason in declared:
        node = root
        for step in pointer_steps(pointer):
            inner = node.steps.setdefault(step, DropNode())
            node.names |= {step}
            node = inner
        node.label, node.reason = drop_label(pointer), reason
    return root


def pointer_steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def drop_label(pointer: str) -> str:
    """The pointer as people read it: `/messages/*/name` is `messages[].name`."""
    return pointer[1:].replace("/*", "[]").replace("/", ".")


def loss_label(place: str) -> str:
    """A place in one unified message as its client knows it, the same for every item of a list; names stay."""
    return OWN_FIELD.sub("", ITEM.sub("[]", place)).lstrip("/").replace("/", ".") if place.startswith("/") else place


def find_drops(root: DropNode, value: Json, dropped: list[tuple[str, str]]) -> None:
    """Append (label, reason) once for each declared field that holds something in `value`."""
    found: dict[str, str] = {}
    _search(root, value, found)
    dropped.extend(found.items())


def _search(node: DropNode, value: Json, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        for step, inner in node.steps.items():
            item = value.get(step)
            if item is None:
                continue
            if inner.label and (isinstance(item, bool) or item not in EMPTY):
                found[inner.label] = inner.reason
            if not inner.steps:
                continue
            every = inner.steps.get("*")
            if type(item) is list and every is not None:
                _search_items(every, item, found)
            elif type(item) is dict:
                _search(inner, item, found)
    elif isinstance(value, list) and (every := node.steps.get("*")) is not None:
        _search_items(every, value, found)


def _search_items(every: DropNode, items: list[Json], found: dict[str, str]) -> None:
    """Search a list; most items have none of the fields, which one look tells."""
    has_none = every.names.isdisjoint
    for item in items:
        if type(item) is list or (type(item) is dict and not has_none(item)):
            _search(every, item, found)
