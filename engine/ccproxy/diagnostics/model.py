"""What a problem is: a code, a place, words for people. Imports nothing of ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line; lines and columns count from 1, `end_column` is the first column after it."""

    file: str
    line: int
    column: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains the first."""

    span: Span
    label: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake.

    `path` is the JSON pointer inside the file; `where` follows it on the `at:` line (a schema, a character
    of an expression); `suggestion` is the name that was probably meant.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    help: str = ""
    note: str = ""
    path: str = ""
    severity: Severity = "error"
    related: tuple[Related, ...] = ()
    where: str = ""
    suggestion: str = ""


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Order by file and position, each problem once."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda problem: (problem.span, problem.code, problem.message))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether anything is worse than a warning."""
    return any(problem.severity == "error" for problem in diagnostics)
