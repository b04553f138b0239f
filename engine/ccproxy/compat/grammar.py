"""What a text is searched for: the markers of all dialects together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from ccproxy.compat.dialects import Dialect

_MAYBE_FENCED: Final = re.compile(r"`{1,3}|```[\w-]{1,20}[ \t]*|```[\w-]{0,20}[ \t]*\n\s*")
_FENCE_LINE: Final = r"^[ \t]*(?:`{3,}|~{3,})"


@dataclass(frozen=True, slots=True)
class Words:
    """Words that models use for the same things."""

    names: frozenset[str]
    arguments: frozenset[str]
    nested: frozenset[str]
    ignored: frozenset[str]
    containers: frozenset[str]
    keys: frozenset[str]
    values: frozenset[str]
    closers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Begin:
    """A text that begins a call, and those that end it; `strict`: only JSON that surely is a call counts."""

    literal: str
    ends: tuple[str, ...] = ()
    body: Literal["any", "pythonic"] = "any"
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """All markers; `befores` and `afters` may stand around calls, `separators` between name and arguments."""

    begins: Mapping[str, Begin]
    befores: tuple[str, ...]
    afters: tuple[str, ...]
    separators: tuple[str, ...]
    words: Words
    thoughts: tuple[tuple[str, str], ...] = ()
    markers: tuple[str, ...] = field(init=False)
    prefixes: frozenset[str] = field(init=False)
    marker: re.Pattern[str] = field(init=False)
    trigger: re.Pattern[str] = field(init=False)
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        markers = tuple(sorted({*self.begins, *self.befores}, key=len, reverse=True))
        told = "|".join(map(re.escape, markers))
        firsts = {literal[0] for literal in markers} | {"`", "~"}
        for name, value in {
            "markers": markers,
            "prefixes": frozenset(literal[:size] for literal in markers for size in range(1, len(literal))),
            "marker": re.compile(f"(?P<marker>{told})|(?P<fence>{_FENCE_LINE})", re.MULTILINE),
            "trigger": re.compile(f"[{re.escape(''.join(sorted(firsts)))}]"),
            "longest": max(map(len, markers), default=0),
        }.items():
            object.__setattr__(self, name, value)

    def certain(self, text: str) -> int:
        """How much of a text cannot be the beginning of a marker."""
        start = max(0, len(text) - self.longest)
        return next((at for at in range(start, len(text)) if text[at:] in self.prefixes), len(text))

    def thoughts_end(self, text: str) -> str:
        """What ends the thoughts that a text begins with; "" when it begins with none."""
        return next((close for opening, close in self.thoughts if text.startswith(opening)), "")

    def may_begin(self, text: str) -> bool:
        """Whether a text may still become a marker, thoughts, or a fence around calls."""
        thoughts = any(opening.startswith(text) for opening, _ in self.thoughts)
        return thoughts or text in self.prefixes or bool(_MAYBE_FENCED.fullmatch(text))


def build_grammar(
    dialects: Iterable[Dialect], own: Dialect, words: Words, thoughts: Iterable[tuple[str, str]]
) -> Grammar:
    """The markers of all dialects, and those that count only in the one that was asked for."""
    begins: dict[str, Begin] = {}
    befores: list[str] = []
    afters: list[str] = []
    separators: list[str] = []
    for dialect in sorted(dialects, key=lambda each: each is own):
        for begin in (*dialect.begins, *(dialect.own_begins if dialect is own else ())):
            known = begins.get(begin.literal)
            ends = tuple(dict.fromkeys((*begin.ends, *(known.ends if known else ()))))
            begins[begin.literal] = Begin(begin.literal, ends, begin.body, begin.strict)
        befores += dialect.befores
        afters += dialect.afters
        separators += dialect.separators
    extra = tuple(dict.fromkeys(literal for literal in befores if literal not in begins))
    return Grammar(
        begins, extra, tuple(dict.fromkeys(afters)), tuple(dict.fromkeys(separators)), words, tuple(thoughts)
    )
