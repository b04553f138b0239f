"""Patterns of model names as sets of names: does one match every name that another matches?"""

from __future__ import annotations

from typing import Final

ANY_TEXT: Final = "*"
ANY_ONE: Final = "?"
# Stands for every character that neither pattern has.
_OTHER: Final = "\0"

_Places = frozenset[int]


def covers(wide: str, narrow: str) -> bool:
    """Whether `wide` matches every name that `narrow` matches."""
    letters = {*wide, *narrow, _OTHER} - {ANY_TEXT, ANY_ONE}
    start = (_settled(narrow, {0}), _settled(wide, {0}))
    seen, waiting = {start}, [start]
    while waiting:
        at_narrow, at_wide = waiting.pop()
        if len(narrow) in at_narrow and len(wide) not in at_wide:
            return False
        for letter in letters:
            step = (_after(narrow, at_narrow, letter), _after(wide, at_wide, letter))
            if step[0] and step not in seen:
                seen.add(step)
                waiting.append(step)
    return True


def _after(pattern: str, places: _Places, letter: str) -> _Places:
    """Return where in a pattern one may be after a further letter of a name."""
    found = set()
    for place in places:
        if place < len(pattern):
            if pattern[place] == ANY_TEXT:
                found.add(place)
            elif pattern[place] in (ANY_ONE, letter):
                found.add(place + 1)
    return _settled(pattern, found)


def _settled(pattern: str, places: set[int]) -> _Places:
    """Return the places together with those behind stars, which may stand for nothing."""
    found = set(places)
    for place in sorted(places):
        while place < len(pattern) and pattern[place] == ANY_TEXT:
            place += 1
            found.add(place)
    return frozenset(found)
