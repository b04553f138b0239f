"""What a parser says: text, and calls as they grow."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Literal, NamedTuple

import orjson

from ccproxy.compat.source import NotACallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccproxy.compat.toolbox import CallableTool, Toolbox
    from ccproxy.jsontypes import Json


class Event(NamedTuple):
    """`text`; or the start of a call (`text` is its tool), a piece of its arguments as JSON text, its end."""

    kind: Literal["text", "call", "arguments", "end"]
    text: str
    call: int = 0


class CallWriter:
    """Says one call after another as events; arguments as JSON text in pieces. State of one parser."""

    def __init__(self, toolbox: Toolbox) -> None:
        self.toolbox = toolbox
        self.events: list[Event] = []
        self.count = 0
        self.tool: CallableTool | None = None
        self._keys: set[str] = set()
        self._in_text = False

    def start(self, written: str) -> CallableTool:
        """Begin a call. Raises NotACallError when no tool is meant by that name."""
        tool = self.toolbox.find(written)
        if tool is None:
            raise NotACallError(f"there is no tool named `{written[:80]}`", plausible=True)
        self.tool = tool
        self.count += 1
        self._keys = set()
        self._add("call", tool.name)
        return tool

    def has(self, argument: str) -> bool:
        return argument in self._keys

    @property
    def has_any(self) -> bool:
        """Whether the call has arguments already."""
        return bool(self._keys)

    def value(self, argument: str, value: Json) -> None:
        """A whole argument."""
        self.open_text(argument, dumps(value))
        self._in_text = False

    def open_text(self, argument: str, first: str = '"') -> None:
        """Begin an argument that is text."""
        comma = "," if self._keys else "{"
        self._keys.add(argument)
        self._in_text = True
        self._add("arguments", f"{comma}{dumps(argument)}:{first}")

    def escaped(self, piece: str) -> None:
        """A piece of text as JSON writes it between quotes."""
        if piece:
            self._add("arguments", piece)

    def plain(self, piece: str) -> None:
        """A piece of text as it is."""
        if piece:
            self._add("arguments", dumps(piece)[1:-1])

    def close_text(self) -> None:
        self._in_text = False
        self._add("arguments", '"')

    def end(self) -> None:
        """End the call, with what it has of arguments."""
        if self.tool is None:
            return
        closing = '"' if self._in_text else ""
        self._add("arguments", closing + ("}" if self._keys else "{}"))
        self.leave()

    def leave(self) -> None:
        """End the call where it was cut off."""
        if self.tool is not None:
            self._add("end", "")
        self.forget()

    def forget(self) -> None:
        self.tool, self._in_text = None, False

    def _add(self, kind: Literal["call", "arguments", "end"], text: str) -> None:
        self.events.append(Event(kind, text, self.count))


def merged(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, neighbouring pieces of one thing as one."""
    for (kind, call), same in itertools.groupby(events, key=lambda event: (event.kind, event.call)):
        if kind in ("text", "arguments"):
            yield Event(kind, "".join(event.text for event in same), call)
        else:
            yield from same


def dumps(value: Json) -> str:
    """Compact JSON text; integers of any size."""
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, UnicodeEncodeError):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
