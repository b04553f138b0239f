"""The strings of a JSON document as they stand in its bytes, so that one can be changed and the rest stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ccproxy.record.splices import Span, Splice

Path = tuple[str | int, ...]

_TOKEN: Final = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)("?)|[{}\[\],:]', re.DOTALL)
_CELL: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[\x00-\x7f]|[\x80-\xff][\x80-\xbf]*",
    re.DOTALL,
)


class Literal(NamedTuple):
    """A string of a document: where its content stands, and the path to it; `is_key` for names of fields."""

    path: Path
    start: int
    end: int
    is_key: bool = False


@dataclass(slots=True)
class _Level:
    """An object or array while it is read."""

    is_object: bool
    at: str | int
    wants_key: bool


def literals(document: bytes) -> Iterator[Literal]:
    """Yield every string of a document, also of one that was cut off."""
    levels: list[_Level] = []
    for token in _TOKEN.finditer(document):
        mark = token.group()
        top = levels[-1] if levels else None
        if mark[:1] == b'"':
            path = tuple(level.at for level in levels)
            if top is not None and top.wants_key:
                top.at = decoded(token.group(1))
                yield Literal((*path[:-1], top.at), token.start(1), token.end(1), True)
            else:
                yield Literal(path, token.start(1), token.end(1))
        elif mark in b"{[":
            levels.append(_Level(mark == b"{", "" if mark == b"{" else 0, mark == b"{"))
        elif mark in b"}]":
            if levels:
                levels.pop()
        elif top is not None and mark == b":":
            top.wants_key = False
        elif top is not None:
            top.wants_key = top.is_object
            top.at = top.at + 1 if isinstance(top.at, int) else top.at


def decoded(content: bytes) -> str:
    """Return the text that a string's content stands for; content that is no JSON stands for itself."""
    text = content.decode("utf-8", "surrogateescape")
    if "\\" not in text:
        return text
    try:
        value = json.loads(f'"{text}"', strict=False)
    except json.JSONDecodeError:
        return text
    return str(value)


def splices_in(content: bytes, offset: int, text: str, spans: Sequence[Span]) -> list[Splice]:
    """Return changes of a text as changes of the content that it was decoded from, which stands at `offset`."""
    if not spans:
        return []
    if len(content) == len(text):
        return [Splice(offset + a, offset + b, _encoded(new)) for a, b, new in spans]
    cells = [cell.start() for cell in _CELL.finditer(content)] if text != _raw(content) else _widths(text)
    if len(cells) != len(text):
        return [Splice(offset, offset + len(content), b"x" * len(text))]  # cannot be told apart: nothing of it stays
    cells.append(len(content))
    return [Splice(offset + cells[a], offset + cells[b], _encoded(new)) for a, b, new in spans]


def _raw(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _widths(text: str) -> list[int]:
    cells, position = [], 0
    for letter in text:
        cells.append(position)
        position += len(letter.encode("utf-8", "surrogateescape"))
    return cells


def _encoded(text: str) -> bytes:
    """Return a replacement as content of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogateescape")
