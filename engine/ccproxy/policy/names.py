"""Names and patterns of names: `*` stands for any text, `?` for any one character; letter case counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NamePatterns:
    """A list of names and patterns, compiled once."""

    patterns: tuple[str, ...]
    _regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_regex", re.compile("|".join(map(_expression, self.patterns)) or r"(?!)", re.DOTALL))

    def match(self, name: str) -> bool:
        """Whether one of the patterns is this whole name."""
        return self._regex.fullmatch(name) is not None


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
