"""Where each character of a scalar's value stands in the file: quotes, escapes, folding and block indents undone."""

import re
from collections.abc import Iterator
from functools import lru_cache

ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
BREAKS = re.compile(r"[ \t]*\n[ \t\n]*")


@lru_cache(maxsize=256)
def character_places(raw: str, style: str, value: str) -> tuple[int, ...]:
    """Offset in the raw text of each character of the value; empty when they cannot be matched."""
    if style == "plain" and raw == value:
        return tuple(range(len(raw)))
    if style in ("literal", "folded"):
        return _block_places(raw, value)
    start, end = (0, len(raw)) if style == "plain" else (1, len(raw) - 1)
    pairs = list(_flow_characters(raw, style, start, end))
    return tuple(place for _, place in pairs) if len(pairs) == len(value) else ()


def _flow_characters(raw: str, style: str, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Yield characters of a plain or quoted scalar; a line break folds to a space, blank lines to line breaks."""
    at = start
    while at < end:
        breaks = BREAKS.match(raw, at, end)
        if breaks:
            count = breaks.group().count("\n")
            yield from ((" ", at),) if count == 1 else (("\n", at + n) for n in range(count - 1))
            at = breaks.end()
        elif style == "single" and raw.startswith("''", at):
            yield "'", at
            at += 2
        elif style == "double" and raw[at] == "\\":
            yield from _escaped(raw, at)
            at = _after_escape(raw, at, end)
        else:
            yield raw[at], at
            at += 1


def _escaped(raw: str, at: int) -> Iterator[tuple[str, int]]:
    if not raw.startswith("\\\n", at):
        yield raw[at + 1], at


def _after_escape(raw: str, at: int, end: int) -> int:
    """Skip an escape; an escaped line break takes the indentation of the next line with it."""
    if raw.startswith("\\\n", at):
        breaks = BREAKS.match(raw, at + 1, end)
        return breaks.end() if breaks else end
    escape = ESCAPE.match(raw, at, end)
    return escape.end() if escape else end


def _block_places(raw: str, value: str) -> tuple[int, ...]:
    """Match the value against the lines below `|` or `>`; a fold is a space or fewer line breaks than the file has."""
    stripped = list(_unindented(raw, value))
    places: list[int] = []
    at = 0
    for char in value:
        at = _matching(stripped, at, char)
        if at < 0:
            return ()
        places.append(stripped[at][1])
        at += 1
    return tuple(places)


def _matching(stripped: list[tuple[str, int]], at: int, char: str) -> int:
    """Index of the character of the file that became this character of the value, or -1."""
    while at < len(stripped):
        found = stripped[at][0]
        if found == char or (char == " " and found == "\n"):
            return at
        if found != "\n":
            return -1
        at += 1
    return -1


def _unindented(raw: str, value: str) -> Iterator[tuple[str, int]]:
    """Yield the characters of the content lines without their common indentation."""
    header = raw.find("\n") + 1
    lines = raw[header:].split("\n")
    first = next((line for line in lines if line.strip(" ")), "")
    first_value = next((line for line in value.split("\n") if line.strip(" ")), "")
    indent = _leading(first) - _leading(first_value)
    at = header
    for line in lines:
        yield from ((char, at + indent + n) for n, char in enumerate(line[indent:]))
        yield "\n", at + len(line)
        at += len(line) + 1


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
