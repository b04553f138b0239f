"""One call, from behind the marker that begins it to behind the one that ends it, however its model writes calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.compat.element_text import ElementText, Signs
from ccproxy.compat.elements import LONGEST_TAG, TAG, Elements, build_tag
from ccproxy.compat.json_calls import JsonCalls
from ccproxy.compat.pythonic import Pythonic
from ccproxy.compat.source import NotACallError

if TYPE_CHECKING:
    from ccproxy.compat.events import CallWriter
    from ccproxy.compat.grammar import Begin, Grammar
    from ccproxy.compat.source import Reading, Source

_NAME: Final = re.compile(r"[\w.:/-]+")
_FENCE: Final = re.compile(r"```\w*[ \t]*\n?")
_FENCE_END: Final = "```"
_LEFTOVERS: Final = re.compile(r"[\s}\]]*")


@dataclass(slots=True)
class CallReader:
    """Reads what `begin` began. Raises NotACallError for what cannot be understood."""

    source: Source
    writer: CallWriter
    grammar: Grammar
    _fenced: bool = False  # a code fence was opened within the call

    def read(self, begin: Begin) -> Reading[None]:
        name = ""
        if begin.literal.endswith("="):
            name = yield from self._suffix()
        elif begin.literal.startswith("<") and begin.literal[-1].isalpha():
            name, is_complete = yield from self._attributes(begin)
            if is_complete:
                return
        if begin.body == "pythonic" and (yield from self.source.blanks()) != "{":
            yield from Pythonic(self.source, self.writer, begin.ends).read()
        else:
            yield from self._body(begin, name)
        yield from self._end(begin)

    def _suffix(self) -> Reading[str]:
        """The name that stands in the tag itself."""
        source = self.source
        while (stop := source.text.find(">", source.at)) < 0:
            if source.ended or len(source.text) - source.at > LONGEST_TAG or "\n" in source.rest:
                raise NotACallError("the tag has no end", plausible=False)
            yield
        name = source.take(stop).strip().strip("\"'")
        source.at += 1
        if not name or not _NAME.fullmatch(name):
            raise NotACallError("this is no name", plausible=False)
        return name

    def _attributes(self, begin: Begin) -> Reading[tuple[str, bool]]:
        """The name in the tag's attributes, and whether the call is complete with it."""
        source = self.source
        head = yield from _next_character(source)
        if head not in (">", "/") and not head.isspace():
            raise NotACallError("another tag", plausible=False)
        while (match := TAG.match(begin.literal + source.text[source.at :])) is None:
            if source.ended or len(source.text) - source.at > LONGEST_TAG:
                raise NotACallError("the tag is not complete", plausible=False)
            yield
        source.at += match.end() - len(begin.literal)
        tag = build_tag(match)
        name = next((tag.attributes[word] for word in self.grammar.words.names if word in tag.attributes), "")
        if not tag.empty:
            return name, False
        tool = self.writer.start(name)
        for argument, value in tag.attributes.items():
            if argument in tool.properties:
                self.writer.value(argument, value)
        self.writer.end()
        return name, True

    def _body(self, begin: Begin, name: str) -> Reading[None]:
        source, grammar = self.source, self.grammar
        wants_name = not name
        while True:
            head = yield from source.blanks()
            if (yield from source.accept(grammar.separators)):
                wants_name = True
            elif head in ("{", "["):
                yield from JsonCalls(source, self.writer, grammar.words, begin.ends, begin.strict).read(name)
                return
            elif head == "<":
                yield from self._tagged(begin, name)
                return
            elif head == "`" and not (yield from source.one_of(begin.ends)) and (yield from self._fence_line()):
                wants_name, self._fenced = False, True
            elif head and wants_name:
                word = yield from self._name()
                name, wants_name = (name if name and self.writer.toolbox.find(name) else word), False
            else:
                break
        if name and head and not (yield from source.one_of(begin.ends)):
            yield from self._bare_text(begin, name)
        else:
            self._empty(name)

    def _tagged(self, begin: Begin, name: str) -> Reading[None]:
        """Elements; or a call in another dialect's markers; or the end of a call without arguments."""
        source = self.source
        if (yield from source.one_of(begin.ends)):
            self._empty(name)
            return
        inner = yield from source.accept(tuple(self.grammar.begins))
        if not inner:
            begins = tuple(self.grammar.begins)
            yield from Elements(source, self.writer, self.grammar.words, begin.ends, begins).read(name)
            return
        while inner:
            yield from self.read(self.grammar.begins[inner])
            yield from source.blanks()
            inner = yield from source.accept(tuple(self.grammar.begins))

    def _empty(self, name: str) -> None:
        if not name:
            raise NotACallError("there is no call", plausible=False)
        self.writer.start(name)
        self.writer.end()

    def _bare_text(self, begin: Begin, name: str) -> Reading[None]:
        """Text in place of arguments: what else than the only argument of the tool?"""
        tool = self.writer.toolbox.find(name)
        argument = next(iter(tool.properties), "") if tool is not None and len(tool.properties) == 1 else ""
        if tool is None or not begin.ends or "string" not in tool.kinds(argument):
            raise NotACallError("there is text in place of arguments", plausible=True)
        self.writer.start(name)
        self.writer.open_text(argument)
        close, take = begin.ends[0], self.writer.plain
        signs = Signs(begins=tuple(self.grammar.begins))
        yield from ElementText(self.source, close, signs, take).read()
        self.writer.close_text()
        self.writer.end()

    def _name(self) -> Reading[str]:
        """A bare name, which more of a call must follow."""
        source = self.source
        while (match := _NAME.match(source.text, source.at)) and match.end() == len(source.text) and not source.ended:
            if len(match.group()) > LONGEST_TAG:
                break
            yield
        if match is None:
            raise NotACallError("this is no name", plausible=False)
        name = source.take(match.end())
        head = yield from source.blanks()
        if head and head not in "{[<`" and not (yield from source.one_of(self.grammar.separators)):
            raise NotACallError("this is talk", plausible=False)
        if not head and self.writer.toolbox.exact(name) is None:
            raise NotACallError("this is talk", plausible=False)
        return name

    def _fence_line(self) -> Reading[bool]:
        source = self.source
        while (match := _FENCE.match(source.text, source.at)) is None or match.end() == len(source.text):
            if source.ended or len(source.text) - source.at > LONGEST_TAG:
                break
            yield
        if match is not None:
            source.at = match.end()
        return match is not None

    def _end(self, begin: Begin) -> Reading[None]:
        """Pass the end of the call, and what models leave before it; a call may also just be over."""
        source, passed = self.source, 0
        while begin.ends:
            match = _LEFTOVERS.match(source.text, source.at + passed)
            passed = match.end() - source.at if match else passed
            if source.at + passed < len(source.text) or source.ended:
                break
            yield
        start = source.at
        source.at += passed
        if self._fenced and (yield from source.accept((_FENCE_END,))):
            yield from source.blanks()
        if not (yield from source.accept(begin.ends)):
            source.at = start


def _next_character(source: Source) -> Reading[str]:
    while not source.head and not source.ended:
        yield
    return source.head
