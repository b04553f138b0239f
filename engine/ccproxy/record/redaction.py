"""Takes secrets out of everything that a session holds. Nothing reaches the disk but through here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from orjson import JSONDecodeError, loads

from ccproxy.record.finding import SHORTEST_SECRET, Finder
from ccproxy.record.json_text import Literal, Path, decoded, literals, splices_in
from ccproxy.record.masks import Masks
from ccproxy.record.splices import Span, Splice, apply_spans, apply_splices, moved, without_overlaps

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json
    from ccproxy.record.rules import Rules

_SSE: Final = re.compile(rb"^data:[ ]?(.*?)\r?$", re.MULTILINE)
_LINE: Final = re.compile(rb"^(.+?)\r?$", re.MULTILINE)
_STRUCTURE: Final = (b"{", b"[", b'"')
MARGIN: Final = 256
# Where nothing but their place says so, only strings as short as pieces of a stream are taken to continue each other.
LONGEST_PIECE: Final = 200


class Redacted(NamedTuple):
    """Bytes without secrets, and where the cuts of the original are in them."""

    data: bytes
    cuts: list[int]


class _Place(NamedTuple):
    """A string in one of the documents of a body."""

    channel: object
    path: Path
    offset: int
    content: bytes
    text: str


class Redactor:
    """State of one session: the same value gets the same mask wherever it stands."""

    def __init__(self, rules: Rules, secrets: Iterable[str] = (), digests: frozenset[bytes] = frozenset()) -> None:
        self.masks = Masks()
        self._rules = rules
        self._finder = Finder(rules, secrets, digests, self.masks)

    def learn(self, headers: Mapping[str, str], url: str = "") -> None:
        """Remember the credentials of a request, so that they are found elsewhere too."""
        query = parse_qsl(urlsplit(url).query) if "?" in url else []
        for name, value in [*headers.items(), *query]:
            if self._rules.credentials.match(name) and not self._rules.headers.match(name):
                self._finder.learn(_parts_of(value))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers that may be written, in small letters."""
        allowed = ((name.lower(), value) for name, value in headers.items() if self._rules.headers.match(name))
        return {name: self.text(value) for name, value in allowed}

    def url(self, url: str) -> str:
        """Return a URL or path whose credentials are masked."""
        start, mark, query = url.partition("?")
        parameters = (self._parameter(part) for part in query.split("&"))
        return self.text(start) + (mark + "&".join(parameters) if mark else "")

    def text(self, text: str) -> str:
        """Return a text that stands alone."""
        return apply_spans(text, self._finder.spans(text))

    def body(self, data: bytes, cuts: Sequence[int] = (), whole: bool = True) -> Redacted:
        """Return a body. One that is not whole loses its end, where half a secret could stand."""
        result = Redacted(data, list(cuts))
        for channels in (self._rules.channels, None):
            result = _spliced(result, self._splices(result.data, channels))
        result = _spliced(result, self._blanks(result.data))
        if whole:
            return result
        end = max(0, len(result.data) - max(MARGIN, self._finder.longest_secret))
        return Redacted(result.data[:end], [min(cut, end) for cut in result.cuts])

    def _parameter(self, part: str) -> str:
        name, mark, value = part.partition("=")
        if mark and self._rules.credentials.match(name):
            return f"{name}={self.masks.mask('keys', value)}"
        return self.text(part)

    def _splices(self, data: bytes, channels: frozenset[str] | None) -> list[Splice]:
        documents = list(_documents(data))
        splices = [splice for start, end in _between(documents, len(data)) for splice in self._plain(data, start, end)]
        joined: dict[object, list[_Place]] = defaultdict(list)
        for start, end in documents:
            for place in _places(data[start:end], start, channels):
                joined[place.channel].append(place)
        for places in joined.values():
            different = len({place.text for place in places}) > 1
            if channels is not None:
                groups = [places] if different else [[place] for place in places]
                splices += self._joined(groups, fill=True)
            elif different and max(len(place.text) for place in places) <= LONGEST_PIECE:
                splices += self._joined([places], fill=False)
        return sorted(splices)

    def _plain(self, data: bytes, start: int, end: int) -> list[Splice]:
        """Return changes of what is no JSON: lines between events, or a body of another kind."""
        content = data[start:end]
        text = content.decode("utf-8", "surrogateescape")
        spans = self._finder.spans(text)
        return [_plain_splice(text, start, span) for span in spans]

    def _joined(self, groups: list[list[_Place]], fill: bool) -> list[Splice]:
        """Return changes of strings, those of a group taken as one text."""
        splices: list[Splice] = []
        for group in groups:
            spans = self._finder.spans("".join(place.text for place in group), group[0].path, fill=fill)
            if len(group) > 1:
                spans = without_overlaps([*spans, *self._in_each(group)])
            for place, own in zip(group, _shares(group, spans), strict=True):
                splices += splices_in(place.content, place.offset, place.text, own)
        return splices

    def _in_each(self, group: list[_Place]) -> Iterator[Span]:
        """Yield the secrets that stand in one string alone, whatever it is taken to continue."""
        start = 0
        for place in group:
            if len(place.text) >= SHORTEST_SECRET:
                for a, b, new in self._finder.spans(place.text, place.path, fill=False):
                    yield Span(start + a, start + b, new)
            start += len(place.text)

    def _blanks(self, data: bytes) -> list[Splice]:
        if self._rules.blank is None or not self.masks.counts:
            return []
        return [Splice(*found.span(1), b"null") for found in self._rules.blank.finditer(data)]


def _spliced(result: Redacted, splices: list[Splice]) -> Redacted:
    return Redacted(apply_splices(result.data, splices), moved(result.cuts, splices)) if splices else result


def _plain_splice(text: str, offset: int, span: Span) -> Splice:
    start = offset + len(text[: span.start].encode("utf-8", "surrogateescape"))
    end = start + len(text[span.start : span.end].encode("utf-8", "surrogateescape"))
    return Splice(start, end, span.text.encode("utf-8", "surrogateescape"))


def _documents(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where JSON documents stand: the whole body, its lines, or the data lines of its events."""
    start = data.lstrip()[:1]
    if start in (b"[", b'"') or (start == b"{" and not _is_lines(data)):
        yield 0, len(data)
        return
    for found in (_LINE if start == b"{" else _SSE).finditer(data):
        if found.group(1).lstrip()[:1] in _STRUCTURE:
            yield found.span(1)


def _is_lines(data: bytes) -> bool:
    """Whether a body that begins with an object holds one object a line."""
    first, newline, rest = data.partition(b"\n")
    return bool(newline) and rest.lstrip()[:1] == b"{" and first.rstrip().endswith(b"}")


def _between(documents: Sequence[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    position = 0
    for start, end in [*documents, (length, length)]:
        if start > position:
            yield position, start
        position = end


def _places(document: bytes, offset: int, channels: frozenset[str] | None) -> Iterator[_Place]:
    """Yield the strings of a document with the channel that each belongs to.

    With names of channels, strings of one path belong together when those fields around them are equal; without, when
    they differ in places of lists only.
    """
    parsed = _parsed(document) if channels else None
    for literal in literals(document):
        content = document[literal.start : literal.end]
        path: Path = () if literal.is_key else literal.path
        yield _Place(_channel(literal, parsed, channels), path, offset + literal.start, content, decoded(content))


def _channel(literal: Literal, parsed: Json, channels: frozenset[str] | None) -> object:
    if literal.is_key:
        return object()
    path = literal.path
    if channels is None:
        return tuple(step for step in path if isinstance(step, str))
    told: list[object] = []
    value, steps = parsed, path
    if isinstance(value, list) and path and isinstance(path[0], int):  # a stream that is one array
        value, steps = value[path[0]] if path[0] < len(value) else None, path[1:]
    place = steps
    for step in steps:
        if isinstance(value, dict):
            told += [(name, str(value[name])) for name in sorted(channels & value.keys())]
            value = value.get(step) if isinstance(step, str) else None
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step] if step < len(value) else None
    return (place, tuple(told))


def _parsed(document: bytes) -> Json:
    try:
        value: Json = loads(document)
    except JSONDecodeError:
        return None
    return value


def _shares(places: Sequence[_Place], spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield for each of the strings that were joined what changes in it."""
    start = 0
    for place in places:
        end = start + len(place.text)
        own = []
        for a, b, new in spans:
            first, last = max(a, start), min(b, end)
            if first < last:
                part = new[first - a : last - a] if last < b else new[first - a :]
                own.append(Span(first - start, last - start, part))
        yield own
        start = end


def _parts_of(value: str) -> Iterator[str]:
    """Yield a credential and the words it consists of, e.g. behind `Bearer` or in a cookie."""
    yield value
    yield from (part for part in re.split(r"[\s;=,]+", value) if len(part) >= SHORTEST_SECRET)
