"""`Findings`: mistakes found so far.

A part is checked once for every kind of value it meets and every place it writes to. What is wrong there is a
mistake when it is wrong each time: a case for pictures is fine although `system` holds only text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Diagnostic, Span

    Place = tuple[Span, str]
    Key = tuple[Place, str, Span]

# What of a place was checked: what it reads, the value it writes, its kind, the fields of the object it writes.
Side = Literal["source", "target", "kind", "fields", "emptiness"]


@dataclass(slots=True)
class Findings:
    """Collects; `problems()` decides."""

    _sure: dict[tuple[Span, str], Diagnostic] = field(default_factory=dict)
    _maybe: dict[Key, Diagnostic] = field(default_factory=dict)
    _found: Counter[Key] = field(default_factory=Counter)
    _visits: Counter[Place] = field(default_factory=Counter)

    def visit(self, place: Span, side: Side) -> None:
        """Note that what stands at this place was checked against a known source or target."""
        self._visits[place, side] += 1

    def sure(self, problem: Diagnostic) -> None:
        """Report a mistake."""
        self._sure.setdefault((problem.span, problem.code), problem)

    def maybe(self, place: Span, side: Side, problem: Diagnostic) -> None:
        """Report a mistake unless some other visit of this place finds nothing wrong there."""
        key = ((place, side), problem.code, problem.span)
        self._maybe.setdefault(key, problem)
        self._found[key] += 1

    def problems(self) -> list[Diagnostic]:
        lasting = [problem for key, problem in self._maybe.items() if self._found[key] >= self._visits[key[0]]]
        return [*self._sure.values(), *lasting]
