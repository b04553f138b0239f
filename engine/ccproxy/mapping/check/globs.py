"""Whether two sets of globs are meant for the same backends.

`*opus*` and `*sonnet*` could both match one long name, but no model has it. So globs count as overlapping when one of
them, or a beginning joined to an end, is itself a name that both match.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def overlap(one: Mapping[str, Iterable[str]], other: Mapping[str, Iterable[str]]) -> bool:
    """Whether some backend meets both sets of conditions; a condition that only one of them has does not matter."""
    return all(
        any(can_both_match(left.lower(), right.lower()) for left in one[key] for right in other[key])
        for key in one.keys() & other.keys()
    )


@cache
def can_both_match(left: str, right: str) -> bool:
    """Whether some likely name matches both."""
    return any(fnmatchcase(name, left) and fnmatchcase(name, right) for name in _names(left, right))


def _names(left: str, right: str) -> Iterator[str]:
    for glob in (left, right):
        yield _plain(glob)
    for begin, end in ((left, right), (right, left)):
        if begin.endswith("*") and end.startswith("*") and not (begin.startswith("*") or end.endswith("*")):
            yield _plain(begin) + _plain(end)


def _plain(glob: str) -> str:
    """The shortest name that a glob matches."""
    start, end = glob.find("["), glob.find("]")
    if 0 <= start < end:
        return _plain(glob[:start]) + glob[start + 1 : start + 2] + _plain(glob[end + 1 :])
    return glob.replace("*", "").replace("?", "0")
