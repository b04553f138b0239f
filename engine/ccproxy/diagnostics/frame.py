"""Source frames: the line that is wrong, the lines before it, and the mark under the place."""

import unicodedata
from collections.abc import Iterator

from ccproxy.diagnostics.model import Span
from ccproxy.diagnostics.paint import Paint

CONTEXT_LINES = 2
WIDEST_LINE = 160
BEFORE_MARK = 60


def render_frame(span: Span, text: str, width: int, mark: str, label: str, paint: Paint) -> Iterator[str]:
    """Yield the frame's lines; `^` marks the problem, `-` a related place without context lines."""
    lines = text.split("\n")
    if not text or not 1 <= span.line <= len(lines):
        return
    context = CONTEXT_LINES if mark == "^" else 0
    shift = _shift(span, lines[span.line - 1])
    yield paint.gutter(f"{'':{width}} |")
    for number in _shown_lines(lines, span.line, context):
        yield _source_line(number, lines[number - 1], width, shift, paint)
    yield _mark_line(span, lines[span.line - 1], width, shift, mark, label, paint)
    yield paint.gutter(f"{'':{width}} |")


def _shown_lines(lines: list[str], line: int, context: int) -> range:
    first = max(1, line - context)
    while first < line and not lines[first - 1].strip():
        first += 1
    return range(first, line + 1)


def _shift(span: Span, line: str) -> int:
    """How many characters to cut on the left so that the mark of a very long line is on the screen."""
    return 0 if len(line) <= WIDEST_LINE else max(0, span.column - 1 - BEFORE_MARK)


def _source_line(number: int, line: str, width: int, shift: int, paint: Paint) -> str:
    shown = printable(line[shift : shift + WIDEST_LINE])
    return f"{paint.gutter(f'{number:>{width}} |')} {shown}".rstrip()


def _mark_line(span: Span, line: str, width: int, shift: int, mark: str, label: str, paint: Paint) -> str:
    start = span.column - 1
    length = max(1, _columns(line[start : span.end_column - 1]))
    pad = " " * _columns(line[shift:start].ljust(start - shift))
    room = mark * min(length, WIDEST_LINE - BEFORE_MARK)
    marked = paint.mark(f"{room} {label}".rstrip(), mark)
    return f"{paint.gutter(f'{chr(32) * width} |')} {pad}{marked}"


def _columns(text: str) -> int:
    """Width on a terminal: East Asian characters take two columns, combining ones none."""
    return sum(_cell(char) for char in text)


def _cell(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def printable(text: str) -> str:
    """Replace control characters, which would move the terminal's cursor, by harmless ones."""
    return "".join(" " if char == "\t" else char if char.isprintable() else "\ufffd" for char in text)
