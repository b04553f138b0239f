"""JSON as models write it: trailing commas, single quotes, bare keys, constants of other languages, no end."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json

CONSTANTS: Final[dict[str, Json]] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None, "undefined": None,
}  # fmt: skip
ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "\n": ""}
_BLANK: Final = re.compile(r"(?:[\s,;]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_WORD: Final = re.compile(r"[^\s,:\]}{\[\"']+")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_HEX: Final = re.compile(r"[0-9a-fA-F]{4}")
DEEPEST: Final = 200


class NotJsonError(ValueError):
    """A text that is no JSON even by this measure."""


def _refuse(name: str) -> Json:
    raise ValueError(name)


_strict: Final = json.JSONDecoder(parse_constant=_refuse)
_relaxed: Final = json.JSONDecoder(parse_constant=_refuse, strict=False)


def parse_strict(text: str) -> Json:
    """The value of a JSON text, every digit kept. Raises NotJsonError."""
    try:
        value: Json = _strict.decode(text)
    except (ValueError, RecursionError):
        raise NotJsonError(text[:80]) from None
    return value


def parse_lenient(text: str) -> Json:
    """The value that a text means, as JSON or nearly so. Raises NotJsonError."""
    try:
        value: Json = _relaxed.decode(text)
    except (ValueError, RecursionError):
        return _Reader(text).document()
    return value


class _Reader:
    """State of one reading."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def document(self) -> Json:
        value = self._value(0)
        self._skip()
        if self._text[self._at :].strip("]} \n\t"):
            raise NotJsonError(self._text[:80])
        return value

    def _skip(self) -> str:
        """Pass blanks, commas and comments; the next character, "" at the end."""
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, depth: int) -> Json:
        head = self._skip()
        if depth > DEEPEST or not head:
            raise NotJsonError(self._text[:80])
        if head == "{":
            return self._object(depth)
        if head == "[":
            return self._array(depth)
        return self._string(head) if head in "\"'" else self._scalar()

    def _object(self, depth: int) -> dict[str, Json]:
        self._at += 1
        found: dict[str, Json] = {}
        while (head := self._skip()) and head != "}":
            key = self._string(head) if head in "\"'" else self._word()
            if self._skip() not in (":", "="):
                raise NotJsonError(self._text[:80])
            self._at += 1
            found[key] = self._value(depth + 1)
        self._at += 1
        return found

    def _array(self, depth: int) -> list[Json]:
        self._at += 1
        items: list[Json] = []
        while (head := self._skip()) and head != "]":
            if head == "}":
                raise NotJsonError(self._text[:80])
            items.append(self._value(depth + 1))
        self._at += 1
        return items

    def _word(self) -> str:
        match = _WORD.match(self._text, self._at)
        if match is None:
            raise NotJsonError(self._text[:80])
        self._at = match.end()
        return match.group()

    def _scalar(self) -> Json:
        word = self._word()
        if word in CONSTANTS:
            return CONSTANTS[word]
        if _NUMBER.fullmatch(word):
            return parse_strict(word)
        raise NotJsonError(word)

    def _string(self, quote: str) -> str:
        pieces: list[str] = []
        at = self._at + 1
        while at < len(self._text) and self._text[at] != quote:
            if self._text[at] == "\\" and at + 1 < len(self._text):
                piece, at = self._escape(at + 1)
            else:
                piece, at = self._text[at], at + 1
            pieces.append(piece)
        self._at = at + 1
        return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _escape(self, at: int) -> tuple[str, int]:
        """What an escape means, and where it ends; a backslash that escapes nothing is itself."""
        char = self._text[at]
        if char == "u" and (match := _HEX.match(self._text, at + 1)):
            return chr(int(match.group(), 16)), match.end()
        if char in "\"'\\/":
            return char, at + 1
        return ESCAPES.get(char, "\\" + char), at + 1
