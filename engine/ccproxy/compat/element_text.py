"""The text of one element, decoded while it arrives.

Models write code into elements as it is, or escaped as XML wants it, or as CDATA. Text with a bare `<` or `&` was not
escaped, so its entities stand for themselves; to know that, text is held back from its first entity on.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ccproxy.compat.source import Reading, Source

CDATA: Final = "<![CDATA["
CDATA_END: Final = "]]>"
_ENTITY: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_ENTITY_START: Final = re.compile(r"&(?:[a-z]{0,4}|#x?[0-9a-fA-F]{0,7})\Z")
_STRAY_CLOSE: Final = re.compile(r"\s*</[\w.:-]+>\s*\Z")


def decoded(text: str) -> str:
    """Escaped text as it was meant; text that is not escaped throughout is taken as it stands."""
    if "<" in text or _ENTITY.sub("", text).count("&"):
        return text
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text)


@dataclass(frozen=True, slots=True)
class Signs:
    """What may end an element that nobody closes.

    `ends` end the whole call, after which another may begin with one of `begins`. `nexts` are beginnings of elements
    like this one, of which `is_next` tells whether they are meant as such. `others` close other elements.
    """

    ends: Sequence[str] = ()
    begins: Sequence[str] = ()
    nexts: Sequence[str] = ()
    is_next: Callable[[str], bool] = bool
    others: Sequence[str] = ()


@dataclass(slots=True)
class ElementText:
    """Reads what stands between the tags of an element, up to the tag that closes it, and hands it on in pieces."""

    source: Source
    close: str
    signs: Signs
    take: Callable[[str], None]
    _trims: bool = False

    def read(self) -> Reading[None]:
        source = self.source
        if (yield from self._begins_with_cdata()):
            yield from self._cdata()
            return
        if found := (yield from source.accept(("\n", "\r\n"))):
            self._trims = bool(found)
        signs, is_plain = (self.close, *self.signs.ends, *self.signs.nexts, *self.signs.others), False
        while True:
            at = _first_of(source.text, "<" if is_plain else "<&", source.at)
            line_end = self._pass_text(at if at >= 0 else len(source.text))
            if at < 0:
                if source.ended:
                    self.take(line_end)
                    return
                source.at -= len(line_end)
                yield
                continue
            if (yield from self._is_held(signs)):
                self.take(decoded((yield from self._rest(line_end))))
                return
            is_plain = True
            self.take(line_end + source.take(source.at + 1))

    def _pass_text(self, stop: int) -> str:
        """Hand text on, but for a line end at its end, which may stand before the closing tag."""
        source = self.source
        keep = self._trims and stop > source.at and source.text[stop - 1] == "\n"
        self.take(source.take(stop - keep))
        return source.take(stop)

    def _is_held(self, signs: Sequence[str]) -> Reading[bool]:
        """Whether what comes next, `<` or `&`, decides about the text: a sign, or an entity."""
        source = self.source
        if source.head == "<":
            return bool((yield from source.one_of(signs)))
        while not (is_entity := _ENTITY.match(source.text, source.at)):
            if source.ended or not _ENTITY_START.match(source.text, source.at):
                break
            yield
        return bool(is_entity)

    def _rest(self, line_end: str) -> Reading[str]:
        """The rest of the text in one piece, and the closing tag passed."""
        source, seen = self.source, 0
        while (found := source.text.find(self.close, source.at + seen)) < 0 and not source.ended:
            seen = max(0, len(source.text) - source.at - len(self.close))
            yield
        stop = self._left_open(found)
        if stop is not None:
            return _STRAY_CLOSE.sub("", line_end + source.take(stop))
        text = line_end + source.take(found)
        source.at += len(self.close)
        return text[:-1] if self._trims and text.endswith("\n") else text

    def _left_open(self, close: int) -> int | None:
        """Where an element ends whose closing tag is missing, or belongs to another; None when it is its own."""
        source, signs = self.source, self.signs
        text = source.text[: close if close >= 0 else len(source.text)]
        places = [
            place for sign in signs.nexts for place in _places(text, sign, source.at) if signs.is_next(text[place:])
        ]
        for end in signs.ends:
            for place in _places(text, end, source.at):
                behind = text[place + len(end) :].lstrip()
                if close < 0 or behind.startswith(tuple(signs.begins)):
                    places.append(place)
        return min(places) if places else len(text) if close < 0 else None

    def _begins_with_cdata(self) -> Reading[bool]:
        """Whether the text is CDATA; blanks around it do not count."""
        source, size = self.source, 0
        while True:
            rest = source.text[source.at + size :]
            blanks = len(rest) - len(rest.lstrip())
            start = rest[blanks : blanks + len(CDATA)]
            if start == CDATA:
                source.at += size + blanks
                return True
            if source.ended or not CDATA.startswith(start):
                return False
            yield

    def _cdata(self) -> Reading[None]:
        """Hand on sections one after another, up to the closing tag."""
        source = self.source
        while (yield from source.accept((CDATA,))):
            yield from self._section()
            yield from source.blanks()
        yield from source.accept((self.close,))

    def _section(self) -> Reading[None]:
        source = self.source
        while (found := source.text.find(CDATA_END, source.at)) < 0:
            keep = 0 if source.ended else len(CDATA_END) - 1
            self.take(source.take(max(source.at, len(source.text) - keep)))
            if source.ended:
                return
            yield
        self.take(source.take(found))
        source.at += len(CDATA_END)


def _places(text: str, sign: str, start: int) -> Iterator[int]:
    """Every place of a sign from a start on."""
    while (start := text.find(sign, start)) >= 0:
        yield start
        start += len(sign)


def _first_of(text: str, signs: str, start: int) -> int:
    """Where the first of one or two signs stands; -1 when none does."""
    places = [place for sign in signs if (place := text.find(sign, start)) >= 0]
    return min(places, default=-1)
