"""One model, four forms: full for people, concise for editors, json for programs, github for annotations."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from ccproxy.diagnostics.frame import printable
from ccproxy.diagnostics.full import render_full
from ccproxy.diagnostics.model import Diagnostic, sort_diagnostics

Format: TypeAlias = Literal["full", "concise", "json", "github"]
FORMATS: tuple[str, ...] = get_args(Format)


def render(
    diagnostics: Iterable[Diagnostic],
    fmt: str,
    sources: Mapping[str, str],
    colour: bool = False,
    files_checked: int = 0,
) -> str:
    """Render all problems, sorted by place; `sources` holds the text of each file by its shown name."""
    problems = sort_diagnostics(diagnostics)
    if fmt == "full":
        blocks = [render_full(problem, sources, colour) for problem in problems]
        return "\n\n".join([*blocks, summary(problems, files_checked)]) + "\n"
    if fmt == "json":
        return json.dumps([as_json(problem) for problem in problems], indent=2, ensure_ascii=False) + "\n"
    form: Callable[[Diagnostic], str] = render_github if fmt == "github" else render_concise
    return "".join(form(problem) + "\n" for problem in problems)


def render_concise(problem: Diagnostic) -> str:
    """One line: place, severity, code, message, suggestion."""
    span = problem.span
    question = f" (did you mean `{problem.suggestion}`?)" if problem.suggestion else ""
    head = f"{span.file}:{span.line}:{span.column}: {problem.severity}[{problem.code}]"
    return f"{head} {printable(problem.message)}{question}"


def render_github(problem: Diagnostic) -> str:
    """One workflow command, which GitHub shows beside the line."""
    span = problem.span
    text = " ".join(part for part in (problem.message, problem.help and f"({problem.help})") if part)
    place = f"file={_property(span.file)},line={span.line},col={span.column},endColumn={span.end_column}"
    return f"::{problem.severity} {place},title={_property(problem.code)}::{_escaped(text)}"


def as_json(problem: Diagnostic) -> dict[str, str | int]:
    """The public JSON form of one problem."""
    span = problem.span
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "path": problem.path,
        "help": problem.help or (f"did you mean `{problem.suggestion}`?" if problem.suggestion else ""),
    }


def summary(problems: Sequence[Diagnostic], files_checked: int) -> str:
    """The last line, which counts files so that silence is never mistaken for success."""
    if not problems:
        return f"ccproxy validate: no problems in {_count(files_checked, 'file')}"
    files = len({problem.span.file for problem in problems})
    errors = sum(problem.severity == "error" for problem in problems)
    counts = [_count(n, word) for n, word in ((errors, "error"), (len(problems) - errors, "warning")) if n]
    return f"ccproxy validate: {' and '.join(counts)} in {files} of {_count(max(files_checked, files), 'file')}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
