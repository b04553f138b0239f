"""What an examination finds: good, doubtful or broken, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccproxy.jsontypes import JsonObject


class State(Enum):
    """How something is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BROKEN = "broken"


_MARKS: Final = {State.GOOD: "ok  ", State.DOUBTFUL: "?   ", State.BROKEN: "FAIL"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    state: State
    detail: str
    advice: str = ""

    def as_json(self) -> JsonObject:
        """Return it for programs."""
        told: JsonObject = {"about": self.about, "state": self.state.value, "detail": self.detail}
        return {**told, "advice": self.advice} if self.advice else told


def as_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield it for people, the advice on a line of its own."""
    for finding in findings:
        yield f"{_MARKS[finding.state]}  {finding.about.ljust(14)}  {finding.detail}"
        if finding.advice:
            yield f"{' ' * 22}=> {finding.advice}"
