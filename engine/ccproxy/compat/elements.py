"""Calls written as elements: each argument between tags, in whatever tags models use for it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ccproxy.compat.element_text import ElementText, Signs
from ccproxy.compat.json_calls import JsonCalls
from ccproxy.compat.source import NotACallError
from ccproxy.compat.typed import coerced, is_text, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccproxy.compat.events import CallWriter
    from ccproxy.compat.grammar import Words
    from ccproxy.compat.source import Reading, Source

LONGEST_TAG: Final = 1000
_VALUE: Final = r"(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+)"
TAG: Final = re.compile(
    rf"<(?P<closes>/?)(?P<tag>[A-Za-z_][\w.:-]*)(?:=(?P<suffix>\"[^\"]*\"|'[^']*'|[^>\"']+?))?"
    rf"(?P<attributes>(?:\s+[^\s=>/]+\s*=\s*{_VALUE})*)\s*(?P<empty>/?)>"
)
_ATTRIBUTE: Final = re.compile(rf"([^\s=>/]+)\s*=\s*({_VALUE})")


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening or closing tag; `suffix` is what stands behind `=` in the tag's own name."""

    name: str
    suffix: str
    attributes: dict[str, str]
    closes: bool
    empty: bool


def read_tag(source: Source) -> Reading[Tag]:
    """The tag that comes next. Raises NotACallError when there is none."""
    while True:
        match = TAG.match(source.text, source.at)
        if match:
            source.at = match.end()
            return build_tag(match)
        if source.ended or len(source.text) - source.at > LONGEST_TAG:
            raise NotACallError("a tag is not complete", plausible=True)
        yield


def build_tag(match: re.Match[str]) -> Tag:
    attributes = {name: _unquoted(value) for name, value in _ATTRIBUTE.findall(match["attributes"])}
    return Tag(match["tag"], _unquoted(match["suffix"] or ""), attributes, bool(match["closes"]), bool(match["empty"]))


def _unquoted(written: str) -> str:
    if len(written) > 1 and written[0] == written[-1] and written[0] in "\"'":
        written = written[1:-1]
    return html.unescape(written)


@dataclass(slots=True)
class Elements:
    """Reads the elements of one call up to its end."""

    source: Source
    writer: CallWriter
    words: Words
    ends: Sequence[str]
    begins: Sequence[str]
    _early: list[tuple[str, str, str]] = field(default_factory=list)  # arguments that come before the name
    _key: str = ""

    def read(self, name: str) -> Reading[None]:
        if name:
            self.writer.start(name)
        while (head := (yield from self.source.blanks())) == "<":
            if (yield from self.source.one_of(self.ends)) or (yield from self.source.one_of(self.begins)):
                break
            tag = yield from read_tag(self.source)
            if not tag.closes:
                yield from self._element(tag)
        if self.writer.tool is None:
            raise NotACallError("the name of the tool is missing", plausible=True)
        if head and head != "<" and not self.writer.has_any:
            raise NotACallError("there is text in place of arguments", plausible=True)
        self.writer.end()

    def _element(self, tag: Tag) -> Reading[None]:
        argument = tag.attributes.get("name") or tag.attributes.get("key") or tag.suffix
        if argument or self._is_declared(tag.name):
            yield from self._argument(argument or tag.name, tag)
        elif tag.name in self.words.containers:
            yield from self._container()
        elif tag.name in self.words.names and self.writer.tool is None:
            self._start((yield from self._text(tag)).strip())
        elif tag.name in self.words.keys:
            self._key = (yield from self._text(tag)).strip()
        elif tag.name in self.words.values and self._key:
            yield from self._argument(self._key, tag)
            self._key = ""
        elif tag.name in self.words.ignored or tag.name in self.words.names:
            yield from self._text(tag)
        else:
            yield from self._argument(tag.name, tag)

    def _is_declared(self, name: str) -> bool:
        return self.writer.tool is not None and name in self.writer.tool.properties

    def _start(self, name: str) -> None:
        self.writer.start(name)
        for argument, text, hint in self._early:
            self._value(argument, text, hint)
        self._early.clear()

    def _container(self) -> Reading[None]:
        """What stands around all arguments: elements, or one JSON object of them."""
        if (yield from self.source.blanks()) == "{" and self.writer.tool is not None:
            yield from JsonCalls(self.source, self.writer, self.words, (*self.ends, "</")).arguments()

    def _argument(self, written: str, tag: Tag) -> Reading[None]:
        tool, hint = self.writer.tool, tag.attributes.get("type", "")
        if tool is None:
            self._early.append((written, (yield from self._text(tag)), hint))
            return
        argument = tool.argument(written)
        if tag.empty or not is_text(tool.kinds(argument), hint):
            self._value(written, (yield from self._text(tag)), hint)
            return
        self.writer.open_text(argument)
        yield from self._inner(tag, self.writer.plain)
        self.writer.close_text()

    def _value(self, written: str, text: str, hint: str) -> None:
        tool = self.writer.tool
        assert tool is not None
        argument = tool.argument(written)
        value = typed(text, tool.kinds(argument), hint)
        if isinstance(value, dict | list):
            value = coerced(value, tool.properties.get(argument), tool.parameters)
        self.writer.value(argument, value)

    def _text(self, tag: Tag) -> Reading[str]:
        """The whole text of an element."""
        if tag.empty:
            return tag.attributes.get("value", "")
        pieces: list[str] = []
        yield from self._inner(tag, pieces.append)
        return "".join(pieces) or tag.attributes.get("value", "")

    def _inner(self, tag: Tag, take: Callable[[str], None]) -> Reading[None]:
        nexts = (f"<{tag.name}=", f"<{tag.name} ") if tag.suffix or tag.attributes else ()
        others = tuple(f"</{word}>" for word in self.words.closers if word != tag.name)
        signs = Signs(self.ends, self.begins, nexts, self._begins_argument, others)
        yield from ElementText(self.source, f"</{tag.name}>", signs, take).read()

    def _begins_argument(self, text: str) -> bool:
        """Whether the text begins with an argument that is declared and still missing."""
        match, tool = TAG.match(text), self.writer.tool
        if match is None or tool is None:
            return False
        tag = build_tag(match)
        name = tag.attributes.get("name") or tag.suffix
        return name in tool.properties and not self.writer.has(name)
