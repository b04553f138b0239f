"""Pieces of JSON read while they arrive: strings, keys, and other values as raw text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from ccproxy.compat.source import NotACallError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ccproxy.compat.source import Reading, Source

_STOP: Final = re.compile(r"[\"'\\\x00-\x1f<`\[]")
_BAREWORD: Final = re.compile(r"[\w.\-$]+")
_ESCAPE: Final = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4})")
_TREE_STOP: Final = re.compile(r"[\"{}\[\]]|<|`")
_SCALAR_STOP: Final = re.compile(r"[,}\]\s<`]")
AFTER_STRING: Final = ",}]:"


def read_text(source: Source, ends: Sequence[str], take: Callable[[str], None]) -> Reading[None]:
    """Read a string at its opening quote; `take` is given what stands between the quotes, as correct JSON.

    A quote that is not followed by what may follow a string belongs to it, as do line ends. Where the string does not
    end, it ends before the end of the call, if that is in it.
    """
    quote = source.head
    source.at += 1
    while True:
        match = _STOP.search(source.text, source.at)
        if match is None:
            take(source.take(len(source.text)))
            if source.ended:
                return
            yield
            continue
        take(source.take(match.start()))
        char = match.group()
        if char == quote:
            if (yield from _is_last_quote(source, ends)):
                source.at += 1
                return
            source.at += 1
            take('\\"' if char == '"' else char)
        elif char == "\\":
            take((yield from _escape(source)))
        elif char in "<`[" and (yield from source.one_of(ends)):
            if not (yield from _goes_on(source, quote, take)):
                return
        else:
            source.at += 1
            take(char if char in "<`['" else json.dumps(char)[1:-1])


def _is_last_quote(source: Source, ends: Sequence[str]) -> Reading[bool]:
    """Whether the quote that comes next closes the string."""
    size = 1
    while True:
        follows = source.text[source.at + size : source.at + size + 1]
        if follows and not follows.isspace():
            break
        if not follows:
            if source.ended:
                return True
            yield
        else:
            size += 1
    return follows in AFTER_STRING or any(end.startswith(follows) for end in ends)


def _escape(source: Source) -> Reading[str]:
    """An escape that is read; a backslash that escapes nothing stands for itself."""
    while True:
        match = _ESCAPE.match(source.text, source.at)
        if match is not None:
            return source.take(match.end())
        left = len(source.text) - source.at
        if source.ended or left >= 6 or (left >= 2 and source.text[source.at + 1] != "u"):
            break
        yield
    source.at += 1
    if source.head == "'":
        source.at += 1
        return "'"
    return "\\\\"


def _goes_on(source: Source, quote: str, take: Callable[[str], None]) -> Reading[bool]:
    """Whether a string goes on beyond the end of a call that comes next; what stands of it before that is read."""
    seen = 0  # behind where the string stands now
    while True:
        found = source.text.find(quote, source.at + seen)
        if found >= 0:
            behind, follows = source.text[:found], source.text[found + 1 :].lstrip()[:1]
            is_escaped = (len(behind) - len(behind.rstrip("\\"))) % 2
            if not is_escaped and follows and follows in AFTER_STRING:
                take(source.take(source.at + 1))
                return True
            if is_escaped or follows:
                seen = found + 1 - source.at
                continue
        if source.ended:
            return False
        yield


def read_string(source: Source, ends: Sequence[str]) -> Reading[str]:
    """A whole string, decoded."""
    pieces: list[str] = []
    yield from read_text(source, ends, pieces.append)
    text: str = json.loads(f'"{"".join(pieces)}"', strict=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_key(source: Source, ends: Sequence[str]) -> Reading[str]:
    """A key and its colon. Raises NotACallError where there is none."""
    head = yield from source.blanks()
    if head and head in "\"'":
        key = yield from read_string(source, ends)
    else:
        while (match := _BAREWORD.match(source.text, source.at)) and match.end() == len(source.text):
            if source.ended:
                break
            yield
        if match is None:
            raise NotACallError("a key is missing", plausible=True)
        key = source.take(match.end())
    colon = yield from source.blanks()
    if colon not in (":", "="):
        raise NotACallError(f"`:` is missing after `{key[:40]}`", plausible=True)
    source.at += 1
    yield from source.blanks()
    return key


def read_raw(source: Source, ends: Sequence[str]) -> Reading[str]:
    """The text of a value that is no string."""
    if source.head in ("{", "["):
        return (yield from _read_tree(source, ends))
    parts: list[str] = []
    while True:
        match = _SCALAR_STOP.search(source.text, source.at)
        parts.append(source.take(match.start() if match else len(source.text)))
        if match or source.ended:
            return "".join(parts)
        yield


def _read_tree(source: Source, ends: Sequence[str]) -> Reading[str]:
    """The text of an object or array up to its end, or to the end of the call."""
    parts: list[str] = []
    depth = 0
    while True:
        match = _TREE_STOP.search(source.text, source.at)
        if match is None:
            parts.append(source.take(len(source.text)))
            if source.ended:
                return "".join(parts)
            yield
            continue
        parts.append(source.take(match.start()))
        char = match.group()
        if char == '"':
            inner: list[str] = []
            yield from read_text(source, ends, inner.append)
            parts.append(f'"{"".join(inner)}"')
            continue
        if char in "<`" and (yield from source.one_of(ends)):
            return "".join(parts)
        parts.append(source.take(source.at + 1))
        depth += 1 if char in "{[" else -1 if char in "}]" else 0
        if depth == 0 and char in "}]":
            return "".join(parts)
