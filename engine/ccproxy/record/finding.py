"""Finds what must not be written in one text, whose place in its document is known."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from ccproxy.record.json_text import Path, decoded, literals, splices_in
from ccproxy.record.masks import Masks, blob_filler, filler, is_blob
from ccproxy.record.splices import Span, Splice, without_overlaps

if TYPE_CHECKING:
    from ccproxy.record.rules import Prose, Rules

# Shorter values are ordinary words too often to be taken out wherever they stand.
SHORTEST_SECRET: Final = 8
# No pattern fits less, e.g. `a@b.co`.
SHORTEST_FIND: Final = 6
_WORDS: Final = (re.compile(r"[^\s\"'\\]{8,}"), re.compile(r"[A-Za-z0-9_.~+/-]{8,}"))
DEEPEST: Final = 6


class Finder:
    """State of one session: the credentials that it showed, besides those that are known beforehand."""

    def __init__(self, rules: Rules, secrets: Iterable[str], digests: frozenset[bytes], masks: Masks) -> None:
        self._rules = rules
        self._digests = digests
        self._masks = masks
        self._words = _any_of(rules.words, re.IGNORECASE)
        self._secrets = {form for secret in secrets for form in forms_of(secret)}
        self._known = _any_of(self._secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take these values out from now on."""
        new = {form for secret in secrets for form in forms_of(secret)} - self._secrets
        if new:
            self._secrets |= new
            self._known = _any_of(self._secrets)

    @property
    def longest_secret(self) -> int:
        """How long the longest known value is."""
        return max(map(len, self._secrets), default=0)

    def spans(self, text: str, path: Path = (), inside: bool = False, depth: int = 0, fill: bool = True) -> list[Span]:
        """Return what to replace; `inside` is for documents in text that people or models wrote.

        Without `fill` only secrets are looked for.
        """
        kind = self._field_kind(path)
        if kind is not None and text:
            return [Span(0, len(text), self._masks.mask(kind, text))]
        prose = self._rules.prose if fill else None
        is_prose = prose is not None and (inside or says_something(prose, path, text))
        found = None
        if text.lstrip()[:1] in ("{", "[") and depth < DEEPEST:
            found = self._nested(text, path, is_prose, depth + 1, fill)
        if found is not None:
            return without_overlaps([*found, *self._known_values(text)])
        found = without_overlaps([*self._known_values(text), *self._fitting(text)])
        if prose is None:
            return found
        if holds_blob(prose, path, text):
            return [Span(0, len(text), blob_filler(text))]
        return _filled(text, found) if is_prose else found

    def _nested(self, text: str, path: Path, is_prose: bool, depth: int, fill: bool) -> list[Span] | None:
        """Return what to replace in a document within a text, None when it is none."""
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return None
        document = text.encode("utf-8", "surrogatepass")
        splices: list[Splice] = []
        for literal in literals(document):
            content = document[literal.start : literal.end]
            inner, there = decoded(content), () if literal.is_key else (*path, *literal.path)
            spans = self.spans(inner, there, is_prose and not literal.is_key, depth, fill)
            splices += splices_in(content, literal.start, inner, spans)
        return list(_in_characters(document, splices))

    def _field_kind(self, path: Path) -> str | None:
        if not path or not isinstance(path[-1], str):
            return None
        names = tuple(step for step in ("", *path) if isinstance(step, str))
        fields = self._rules.fields
        return fields.get(names[-1:]) or fields.get(names[-2:])

    def _known_values(self, text: str) -> Iterator[Span]:
        if self._known is not None:
            yield from (self._span("keys", text, *found.span()) for found in self._known.finditer(text))
        if self._words is not None:
            yield from (self._span("custom", text, *found.span()) for found in self._words.finditer(text))

    def _fitting(self, text: str) -> Iterator[Span]:
        if len(text) < SHORTEST_FIND:
            return
        for kind, pattern in self._rules.patterns:
            for found in pattern.finditer(text):
                start, end = found.span(1) if found.lastindex else found.span()
                if end > start:
                    yield self._span(kind, text, start, end)
        if self._digests:
            for words in _WORDS:
                for word in words.finditer(text):
                    if sha256(word.group().encode("utf-8", "replace")).digest() in self._digests:
                        yield self._span("keys", text, *word.span())

    def _span(self, kind: str, text: str, start: int, end: int) -> Span:
        return Span(start, end, self._masks.mask(kind, text[start:end]))


def forms_of(secret: str) -> Iterator[str]:
    """Yield a credential as it may be written: plain, in URLs, in JSON, encoded."""
    if len(secret) < SHORTEST_SECRET:
        return
    yield from {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1]}
    yield base64.b64encode(secret.encode()).decode().rstrip("=")


def holds_blob(prose: Prose, path: Path, text: str) -> bool:
    """Whether a text is bytes in letters, rather than words."""
    name = path[-1] if path else ""
    if name in prose.blobs:
        return len(text) > SHORTEST_SECRET and not any(letter.isspace() for letter in text)
    return name not in prose.keep and is_blob(text)


def says_something(prose: Prose, path: Path, text: str) -> bool:
    """Whether a text is what people or models say, rather than a word of the protocol."""
    names = [step for step in path if isinstance(step, str)]
    if not names:
        return False
    if "properties" not in names:
        place = f"/{'/'.join(names)}/"
        if any(f"/{name}/" in place for name in prose.below):
            return True
    if names[-1] in prose.keep:
        return False
    return names[-1] in prose.fields or any(letter.isspace() for letter in text)


def _any_of(texts: Iterable[str], flags: int = 0) -> re.Pattern[str] | None:
    ordered = sorted({text for text in texts if text}, key=lambda text: (-len(text), text))
    return re.compile("|".join(map(re.escape, ordered)), flags) if ordered else None


def _filled(text: str, found: list[Span]) -> list[Span]:
    """Return the spans with filler for everything between them."""
    result, position = [], 0
    for span in [*found, Span(len(text), len(text), "")]:
        between = text[position : span.start]
        if (new := filler(between)) != between:
            result.append(Span(position, span.start, new))
        result.append(span)
        position = span.end
    return result[:-1]


def _in_characters(document: bytes, splices: Iterable[Splice]) -> Iterator[Span]:
    """Yield changes of a document's bytes as changes of its text."""
    position = characters = 0
    for start, end, data in splices:
        first = characters + len(document[position:start].decode("utf-8", "surrogatepass"))
        position, characters = end, first + len(document[start:end].decode("utf-8", "surrogatepass"))
        yield Span(first, characters, data.decode("utf-8", "surrogatepass"))
