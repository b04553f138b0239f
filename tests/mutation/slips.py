"""Small slips of the hand in a word or a line of text."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mapping file with one mistake: what was done, on which line, and the text that came of it."""

    kind: str
    file: str
    line: int
    what: str
    text: str


def misspelt(word: str, rng: random.Random) -> str:
    """Leave out, double, swap or replace a letter."""
    while True:
        place = rng.randrange(len(word))
        other = _slip(word, place, rng)
        if other != word and other and not other[0].isdigit():
            return other


def _slip(word: str, place: int, rng: random.Random) -> str:
    match rng.randrange(4):
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[: place + 1] + word[place:]
        case 2 if place + 1 < len(word):
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case _:
            return word[:place] + rng.choice("aeinorst") + word[place + 1 :]


def replaced(text: str, line: int, column: int, length: int, new: str) -> str:
    """The text with a stretch of one line replaced; lines and columns count from 1."""
    lines = text.splitlines(keepends=True)
    old = lines[line - 1]
    lines[line - 1] = old[: column - 1] + new + old[column - 1 + length :]
    return "".join(lines)
