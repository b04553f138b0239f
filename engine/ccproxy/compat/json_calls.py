"""Calls written as JSON: an object with the tool's name and its arguments, several in an array, or arguments alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.compat.json_text import read_key, read_raw, read_string, read_text
from ccproxy.compat.lenient_json import NotJsonError, parse_lenient
from ccproxy.compat.source import NotACallError
from ccproxy.compat.typed import coerced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccproxy.compat.events import CallWriter
    from ccproxy.compat.grammar import Words
    from ccproxy.compat.source import Reading, Source
    from ccproxy.jsontypes import Json


@dataclass(slots=True)
class JsonCalls:
    """Reads JSON between a call's beginning and its end.

    A `strict` one takes only what names a declared tool exactly and then its arguments: it may be any JSON.
    """

    source: Source
    writer: CallWriter
    words: Words
    ends: Sequence[str]
    strict: bool = False

    def read(self, name: str) -> Reading[None]:
        """Read at `{` or `[`; `name` is the tool's where that is known already."""
        if self.source.head == "[":
            yield from self._read_list()
        elif name and not (yield from self._repeats_name(name)):
            self.writer.start(name)
            yield from self.arguments()
            self.writer.end()
        else:
            yield from self._call(name)

    def _read_list(self) -> Reading[None]:
        self.source.at += 1
        read = 0
        while (head := (yield from self.source.blanks())) != "]":
            if head == "{":
                yield from self._call("")
                read += 1
            elif head == "," and read:
                self.source.at += 1
            elif not head and self.source.ended and read:
                return
            else:
                raise NotACallError("this is no list of calls", plausible=read > 0)
        self.source.at += 1
        if not read:
            raise NotACallError("an empty list", plausible=False)

    def _repeats_name(self, name: str) -> Reading[bool]:
        """Whether the object that comes names the tool again, and not an argument of that name."""
        tool = self.writer.toolbox.find(name)
        words = self.words.names - tool.properties.keys() if tool and tool.properties else ()
        blanks = ((one, two) for one in ("", " ", "\n", "\n  ") for two in ("", " "))
        literals = [f'{{{one}"{word}":{two}"{name}"' for one, two in blanks for word in words]
        return bool((yield from self.source.one_of(literals)))

    def _call(self, name: str) -> Reading[None]:
        """An object that names its tool, or is said to call one that is known."""
        said = _Said(name)
        yield from self._fields(said)
        if not said.complete:
            self._complete(said)

    def _fields(self, said: _Said) -> Reading[None]:
        self.source.at += 1
        while (head := (yield from self.source.blanks())) != "}":
            if not head:
                break
            if head == ",":
                self.source.at += 1
                continue
            if head in "<`" and (yield from self.source.one_of(self.ends)):
                return
            key = yield from read_key(self.source, self.ends)
            yield from self._field(said, key)
        self.source.at += len(self.source.head)

    def _field(self, said: _Said, key: str) -> Reading[None]:
        head, words = self.source.head, self.words
        if key in words.nested and head == "{":
            yield from self._fields(said)
        elif key in words.names and head and head in "\"'" and not said.name:
            said.name = yield from read_string(self.source, self.ends)
            if self.strict and self.writer.toolbox.exact(said.name) is None:
                raise NotACallError("it names no tool", plausible=False)
        elif key in words.arguments and said.name and not said.complete and head == "{":
            self.writer.start(said.name)
            yield from self.arguments()
            said.complete = True
            self.writer.end()
        else:
            if self.strict and not said.name and key not in words.ignored:
                raise NotACallError("it names no tool", plausible=False)
            value = yield from self._any()
            if key in words.arguments:
                said.arguments = value
            elif key not in words.ignored:
                said.others[key] = value

    def _complete(self, said: _Said) -> None:
        """Say a call whose arguments stood before its name, in a string, beside it, or nowhere."""
        given = said.arguments
        if isinstance(given, str) and given.strip():
            try:
                given = parse_lenient(given)
            except NotJsonError:
                raise NotACallError("the arguments are not JSON", plausible=not self.strict) from None
        if self.strict and not isinstance(given, dict):
            raise NotACallError("it has no arguments", plausible=False)
        if not said.name:
            raise NotACallError("the name of the tool is missing", plausible=bool(given or said.others))
        tool = self.writer.start(said.name)
        arguments = given if isinstance(given, dict) else said.others
        for name, value in arguments.items():
            argument = tool.argument(name)
            self.writer.value(argument, coerced(value, tool.properties.get(argument), tool.parameters))
        self.writer.end()

    def arguments(self) -> Reading[None]:
        """Read the object of arguments at `{` while it arrives."""
        source, writer, tool = self.source, self.writer, self.writer.tool
        assert tool is not None
        source.at += 1
        while (head := (yield from source.blanks())) != "}":
            if not head:
                return
            if head == ",":
                source.at += 1
                continue
            if head in "<`[" and (yield from source.one_of(self.ends)):
                return
            argument = tool.argument((yield from read_key(source, self.ends)))
            kinds = tool.kinds(argument)
            if source.head in ("'", '"') and (not kinds or "string" in kinds):
                writer.open_text(argument)
                yield from read_text(source, self.ends, writer.escaped)
                writer.close_text()
            elif source.head:
                value = yield from self._any()
                writer.value(argument, coerced(value, tool.properties.get(argument), tool.parameters))
        source.at += 1

    def _any(self) -> Reading[Json]:
        if self.source.head in ("'", '"'):
            return (yield from read_string(self.source, self.ends))
        raw = yield from read_raw(self.source, self.ends)
        try:
            return parse_lenient(raw)
        except NotJsonError:
            raise NotACallError("a value is not JSON", plausible=not self.strict) from None


class _Said:
    """What a call's object has said so far."""

    __slots__ = ("arguments", "complete", "name", "others")

    def __init__(self, name: str) -> None:
        self.name = name
        self.arguments: Json = None
        self.others: dict[str, Json] = {}
        self.complete = False
