"""The form for people: title, place, frame, related frames, help, note, at, more."""

from collections.abc import Iterator, Mapping

from ccproxy.diagnostics.frame import printable, render_frame
from ccproxy.diagnostics.model import Diagnostic, Span
from ccproxy.diagnostics.paint import Paint


def render_full(problem: Diagnostic, sources: Mapping[str, str], colour: bool) -> str:
    """Render one problem as a block of lines."""
    return "\n".join(_lines(problem, sources, Paint(colour, problem.severity)))


def _lines(problem: Diagnostic, sources: Mapping[str, str], paint: Paint) -> Iterator[str]:
    width = _gutter_width(problem)
    head = paint.severe(f"{problem.severity}[{problem.code}]")
    yield head + paint.title(f": {printable(problem.message)}")
    yield f"{paint.gutter(f'{chr(32) * width}-->')} {_place(problem.span)}"
    yield from render_frame(problem.span, sources.get(problem.span.file, ""), width, "^", problem.label, paint)
    for related in problem.related:
        yield f"{paint.gutter(f'{chr(32) * width}:::')} {_place(related.span)}"
        yield from render_frame(related.span, sources.get(related.span.file, ""), width, "-", related.label, paint)
    yield from _footer(problem, width, paint)


def _gutter_width(problem: Diagnostic) -> int:
    lines = [problem.span.line, *(related.span.line for related in problem.related)]
    return len(str(max(lines)))


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"


def _footer(problem: Diagnostic, width: int, paint: Paint) -> Iterator[str]:
    facts = {
        "help": problem.help or _question(problem),
        "note": problem.note,
        "at": f"{problem.path}{problem.where}".lstrip(" ,"),
        "more": f"ccproxy explain {problem.code}",
    }
    for name, text in facts.items():
        if text:
            head = paint.keyword(f"{name}:".ljust(5))
            yield f"{paint.gutter(f'{chr(32) * width} =')} {head} {_indented(text, width)}"


def _question(problem: Diagnostic) -> str:
    return f"did you mean `{problem.suggestion}`?" if problem.suggestion else ""


def _indented(text: str, width: int) -> str:
    """Continue a text of several lines under its first one."""
    return f"\n{'':{width + 9}}".join(printable(line) for line in text.split("\n"))
