"""The text of one file and the way from a character to its line and column."""

from bisect import bisect_right
from dataclasses import dataclass, field

from ccproxy.diagnostics.model import Span


@dataclass(frozen=True, slots=True)
class Source:
    """A file by its shown name; `text` uses `\\n` line ends only."""

    file: str
    text: str = field(repr=False)
    line_starts: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, file: str, text: str) -> "Source":
        """Index the lines of a text."""
        unix = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        starts = [0, *(i + 1 for i, char in enumerate(unix) if char == "\n")]
        return cls(file, unix, tuple(starts))

    def span(self, start: int, end: int) -> Span:
        """The place of text[start:end], cut at the end of its first line."""
        start = min(max(start, 0), len(self.text))
        row = bisect_right(self.line_starts, start) - 1
        first = self.line_starts[row]
        end_of_line = self.line_end(row)
        column = start - first + 1
        return Span(self.file, row + 1, column, max(column + 1, min(end, end_of_line) - first + 1))

    def line_end(self, row: int) -> int:
        """Index of the line break that ends the line with this number, counted from 0."""
        following = row + 1
        return self.line_starts[following] - 1 if following < len(self.line_starts) else len(self.text)

    def row_of(self, index: int) -> int:
        """Number of the line, from 0, that holds a character."""
        return bisect_right(self.line_starts, index) - 1

    def index(self, row: int, column: int) -> int:
        """Index of a place whose line and column count from 0."""
        row = min(row, len(self.line_starts) - 1)
        return min(self.line_starts[row] + column, self.line_end(row))

    def line(self, row: int) -> str:
        """The text of one line, counted from 0."""
        return self.text[self.line_starts[row] : self.line_end(row)]
