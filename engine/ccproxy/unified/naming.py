"""Legal tool names and call ids: which a protocol accepts, and how others become so.

The new name depends only on the old one and on the names it must differ from, so the same
conversation always gets the same names and prompt caches hold.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

DIGEST_CHARS = 8


@dataclass(frozen=True, slots=True)
class NameRule:
    """What a protocol accepts as a tool name or call id; `allowed` and `first` are character classes."""

    allowed: str = "[a-zA-Z0-9_-]"
    first: str = ""
    min: int = 1
    max: int = 64
    fill: str = "_"
    prefix: str = ""
    is_legal: Callable[[str], object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first = f"(?={self.first})" if self.first else ""
        whole = re.compile(f"{first}{self.allowed}{{{self.min},{self.max}}}", re.DOTALL)
        object.__setattr__(self, "is_legal", whole.fullmatch)


def legal_name(rule: NameRule, name: str, taken: Container[str]) -> str:
    """`name` itself where the rule and the taken names allow it, else one made from it."""
    if rule.is_legal(name) and name not in taken:
        return name
    readable = _readable(rule, name)
    if len(readable) >= rule.min and rule.is_legal(readable) and readable not in taken:
        return readable
    return next(new for new in _numbered(rule, name, readable) if new not in taken)


def _readable(rule: NameRule, name: str) -> str:
    """`name` with its illegal characters replaced; may still be too long or too short."""
    letters = "".join(c if re.fullmatch(rule.allowed, c) else rule.fill for c in name)
    if letters and rule.first and not re.match(rule.first, letters):
        return _lead(rule) + letters
    return letters


def _lead(rule: NameRule) -> str:
    return next(c for c in (rule.fill, "_", "x", "X", "0") if c and re.match(rule.first, c))


def _numbered(rule: NameRule, name: str, readable: str) -> Iterator[str]:
    """Candidates that end in a digest of the old name, shortened to what the rule allows."""
    for attempt in itertools.count():
        seed = f"{name}#{attempt}" if attempt else name
        digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()
        tail = rule.fill + digest[: max(DIGEST_CHARS, rule.min - len(readable))]
        head = readable[: rule.max - len(tail)] or (_lead(rule) if rule.first else "")
        yield head + tail
