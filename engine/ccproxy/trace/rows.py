"""A document as lines of JSON, each with the place that it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from orjson import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.jsontypes import Json
    from ccproxy.trace.made import Path


class Row(NamedTuple):
    """One line: `key` and `value` as JSON text; a line that closes a container is `closing`."""

    depth: int
    path: Path
    key: str
    value: str
    tail: str = ""
    closing: bool = False

    @property
    def text(self) -> str:
        return f"{'  ' * self.depth}{self.key}{self.value}{self.tail}"


def rows(document: Json, folded: Callable[[Path], bool] | None = None) -> Iterator[Row]:
    """The lines of a document; containers at `folded` places take one line."""
    yield from _rows(document, (), "", "", folded or (lambda _path: False))


def _rows(value: Json, path: Path, key: str, tail: str, folded: Callable[[Path], bool]) -> Iterator[Row]:
    depth = len(path)
    if not isinstance(value, dict | list) or not value:
        yield Row(depth, path, key, json_text(value), tail)
        return
    first, last = "{}" if isinstance(value, dict) else "[]"
    if folded(path):
        yield Row(depth, path, key, f"{first} … {last}", tail)
        return
    yield Row(depth, path, key, first)
    items: list[tuple[str | int, Json]] = [*(value.items() if isinstance(value, dict) else enumerate(value))]
    for number, (step, item) in enumerate(items):
        name = f"{json_text(step)}: " if isinstance(step, str) else ""
        yield from _rows(item, (*path, step), name, "," if number < len(items) - 1 else "", folded)
    yield Row(depth, path, "", last, tail, closing=True)


def json_text(value: Json) -> str:
    """A value as JSON on one line."""
    return dumps(value, default=str).decode("utf-8", "replace")
