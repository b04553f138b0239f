"""What stands in place of what was taken out: as long, the same for the same value, and telling nothing of it."""

from __future__ import annotations

import re
from collections import Counter
from string import ascii_letters, digits
from typing import Final

_NAMES: Final = {"keys": "key", "emails": "email", "user_ids": "user", "paths": "home"}
_RUN: Final = re.compile(r"(</?[A-Za-z_][^<>\s]{0,40}>)|([^\W_]+)")
_BLOB: Final = re.compile(r"(data:[^,\s]{1,100},)?([A-Za-z0-9+/_-]{64,}=*)", re.ASCII)
_ASCII: Final = str.maketrans(ascii_letters + digits, "x" * 26 + "X" * 26 + "0" * 10)
# Letters of as many bytes in UTF-8.
_FILL: Final = ("x", "x", "é", "字", "𝐱")
_MASK: Final = re.compile(rf"(?:{'|'.join([*_NAMES.values(), 'word'])})\d+x*")
# Characters that JSON writes as two; a mask of the same length keeps what is estimated from lengths.
_ESCAPED: Final = '"\\\n\r\t\b\f'
LEAST_SHARED: Final = 16


class Masks:
    """State of one session: numbers for the values that were met, counted by kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()  # different values by kind
        self._names: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()

    def mask(self, kind: str, value: str) -> str:
        """Return as many characters as the value has in JSON; one cut off gets the beginning of its whole mask."""
        name = self._names.get(value) or self._of_longer(value)
        if name is None:
            word = _NAMES.get(kind, "word")
            self._numbers[word] += 1
            self.counts[kind] += 1
            name = self._names[value] = f"{word}{self._numbers[word]}"
        size = len(value) + sum(map(value.count, _ESCAPED))
        return name.ljust(size, "x")[:size]

    def _of_longer(self, value: str) -> str | None:
        if len(value) < LEAST_SHARED:
            return None
        return next((name for known, name in self._names.items() if known.startswith(value)), None)


def is_mask(text: str) -> bool:
    """Whether a text is nothing but a mask, or the beginning of one."""
    return _MASK.fullmatch(text) is not None


def filler(text: str) -> str:
    """Return a text of the same shape: tags, punctuation and blanks stay, letters and digits say nothing."""
    if is_blob(text):
        return blob_filler(text)
    return _RUN.sub(_fill_run, text)


def is_blob(text: str) -> bool:
    """Whether a text is encoded bytes."""
    return _BLOB.fullmatch(text) is not None


def blob_filler(text: str) -> str:
    """Return encoded bytes of the same length that say nothing; what tells their type stays."""
    found = _BLOB.fullmatch(text)
    start = found.start(2) if found else 0
    body = text[start:].rstrip("=")
    return text[:start] + "A" * len(body) + text[start + len(body) :]


def _fill_run(run: re.Match[str]) -> str:
    text = run.group()
    if run.group(1):
        return text
    return text.translate(_ASCII) if text.isascii() else "".join(map(_fill, text))


def _fill(letter: str) -> str:
    return letter.translate(_ASCII) if letter.isascii() else _FILL[len(letter.encode("utf-8", "surrogatepass"))]
