"""Parser errors in our own words, at the place where the author made the mistake."""

import re
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError

from ccproxy.diagnostics.model import Diagnostic, Related, Span
from ccproxy.yamltree.expression_text import EXPRESSION_START, expression_traps
from ccproxy.yamltree.source import Source
from ccproxy.yamltree.syntax_words import NEVER_CLOSED, syntax_words
from ccproxy.yamltree.traps import expression_cut, write_quoted

CONTINUED = re.compile(r" +[?:] ")
UNDER_BAR = "write `|` after the key and the expression indented below it"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is not YAML, and the expression to blank out when it alone is the reason."""

    problem: Diagnostic
    expression: range | None = None


def unreadable_yaml(source: Source, error: YAMLError) -> Unreadable:
    """Explain why the text is not YAML: a tab, an expression that YAML cut, or plain syntax."""
    index = _index(source, error)
    row = source.row_of(index)
    if tab := _tab(source, row):
        return Unreadable(tab)
    return _trap(source, row, _reads_flow(error)) or Unreadable(_syntax(source, error, index))


def too_deep(source: Source, index: int) -> Diagnostic:
    """Refuse a tree that would exhaust the stack."""
    return Diagnostic("Y101", "nested too deeply", source.span(index, index + 1), label="more than 100 levels")


def _index(source: Source, error: YAMLError) -> int:
    mark = _mark(error, "problem_mark") or _mark(error, "context_mark")
    if mark is not None:
        return source.index(mark.line, mark.column)
    position = getattr(error, "position", 0)
    return position if isinstance(position, int) else 0


def _mark(error: YAMLError, name: str) -> StringMark | None:
    mark = getattr(error, name, None) if isinstance(error, MarkedYAMLError) else None
    return mark if hasattr(mark, "line") else None


def _tab(source: Source, row: int) -> Diagnostic | None:
    line = source.line(row)
    blank = line[: len(line) - len(line.lstrip())]
    if "\t" not in blank:
        return None
    start = source.index(row, blank.index("\t"))
    return Diagnostic(
        "Y104",
        "tab in indentation",
        source.span(start, start + 1),
        label="YAML does not allow a tab here",
        help="use two spaces per level",
    )


def _trap(source: Source, row: int, in_flow: bool) -> Unreadable | None:
    """Look for an unquoted expression with YAML punctuation on the broken line or the two above it."""
    for number in range(row, max(-1, row - 3), -1):
        line = source.line(number)
        for trap in expression_traps(line, in_flow):
            at, start = source.index(number, trap.column), source.index(number, trap.start)
            place = source.span(at, at + 1)
            problem = expression_cut(place, trap.char, trap.meaning, write_quoted(trap.expression))
            return Unreadable(problem, range(start, start + len(trap.expression)))
        begun = EXPRESSION_START.search(line)
        if begun and number < row and CONTINUED.match(source.line(row)):
            return _continued(source, source.index(number, begun.start(1)), row)
    return None


def _continued(source: Source, start: int, row: int) -> Unreadable:
    """A plain expression that goes on with `? a` or `: b` on a line of its own."""
    line = source.line(row)
    at = source.index(row, len(line) - len(line.lstrip()))
    meaning = "at the start of a line is YAML's"
    return Unreadable(expression_cut(source.span(at, at + 1), source.text[at], meaning, UNDER_BAR), range(start, start))


def _reads_flow(error: YAMLError) -> bool:
    return "flow" in str(getattr(error, "context", None) or "")


def _syntax(source: Source, error: YAMLError, index: int) -> Diagnostic:
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    words = _misaligned(source, index) if "mapping values" in said else None
    message, label, advice = words or syntax_words(said)
    place = source.span(index, index + 1)
    opened = _opening(source, error)
    if opened is None or opened == place:
        return Diagnostic("Y101", message, place, label=label, help=advice)
    if message == NEVER_CLOSED or index >= len(source.text.rstrip()):
        return Diagnostic("Y101", message, opened, label="opened here and never closed", help=advice)
    if opened.line != place.line:
        noticed = (Related(place, label),)
        return Diagnostic("Y101", message, opened, label="opened here", help=advice, related=noticed)
    return Diagnostic("Y101", message, place, label=label, help=advice, related=(Related(opened, "opened here"),))


def _misaligned(source: Source, index: int) -> tuple[str, str, str] | None:
    """A first key on its line can only be `a second key` because the line above was taken as text that goes on here."""
    row = source.row_of(index)
    before = source.line(row)[: index - source.line_starts[row]]
    if row == 0 or not re.fullmatch(r" *(?:[^\s:]+|\"[^\"]*\"|'[^']*')", before):
        return None
    above = source.line(row - 1)
    if len(before) - len(before.lstrip()) > len(above) - len(above.lstrip()):
        label = "deeper than the line above, so YAML reads on in the value there"
        return "a line is indented wrongly", label, "align it with its neighbours; two spaces per level"
    return (
        "a line without `:`",
        "the line above has no key, so YAML reads on here",
        "write the line above as `key: value`",
    )


def _opening(source: Source, error: YAMLError) -> Span | None:
    """Where the bracket or quote stands that the parser was reading."""
    mark = _mark(error, "context_mark")
    if mark is None:
        return None
    start = source.index(mark.line, mark.column)
    return source.span(start, start + 1) if source.text[start : start + 1] in ("{", "[", '"', "'") else None
