"""Text that arrives in pieces, for readers written as generators: a bare `yield` asks for more."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")
Reading: TypeAlias = Generator[None, None, T]

_BLANKS: Final = re.compile(r"\s*")


class NotACallError(Exception):
    """What looked like a call is none; `plausible` when it was surely meant as one."""

    def __init__(self, reason: str, *, plausible: bool) -> None:
        super().__init__(reason)
        self.plausible = plausible


class Source:
    """State of one reading: `text` from `at` on is unread, and `ended` says that nothing will follow it."""

    __slots__ = ("at", "ended", "text")

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.at = 0
        self.ended = False

    def feed(self, text: str) -> None:
        self.text = self.text[self.at :] + text
        self.at = 0

    @property
    def rest(self) -> str:
        return self.text[self.at :]

    @property
    def head(self) -> str:
        return self.text[self.at : self.at + 1]

    def startswith(self, literal: str) -> bool:
        return self.text.startswith(literal, self.at)

    def take(self, end: int) -> str:
        """The text up to a place, which is then read."""
        taken = self.text[self.at : end]
        self.at = end
        return taken

    def blanks(self) -> Reading[str]:
        """Pass blanks; the character after them, "" at the end."""
        while True:
            match = _BLANKS.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text) or self.ended:
                return self.head
            yield

    def one_of(self, literals: Sequence[str]) -> Reading[str]:
        """The longest of the literals that comes next, unread; "" when none does."""
        while True:
            left = len(self.text) - self.at
            might = any(len(each) > left and each.startswith(self.rest) for each in literals)
            if not might or self.ended:
                return max((each for each in literals if self.startswith(each)), key=len, default="")
            yield

    def accept(self, literals: Sequence[str]) -> Reading[str]:
        """Pass one of the literals if it comes next."""
        found = yield from self.one_of(literals)
        self.at += len(found)
        return found
