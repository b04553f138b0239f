"""`Findings`: mistakes found so far.

A part is checked once for every kind of value it meets and every place it writes to. What is wrong there is a
mistake when it is wrong each time: a case for pictures is fine although `system` holds only text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

# What of a place was checked: what it reads, what it writes, its kind, the fields of its object. A number is the
# field at that character of an expression.
Side = Literal["source", "target", "kind", "fields", "emptiness"] | int

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Diagnostic, Span

    Place = tuple[Span, Side]
    Key = tuple[Place, str, Span]


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
        lasting = [problem for key, problem in self._maybe.items() if self._is_always(key)]
        return [*self._sure.values(), *lasting]

    def _is_always(self, key: Key) -> bool:
        """Whether every visit found it. Visits of fields are only counted where the field exists."""
        place, _, _ = key
        visits = self._visits[place]
        return visits == 0 if isinstance(place[1], int) else self._found[key] >= visits
