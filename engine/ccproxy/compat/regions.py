"""Stretches of text in which calls are only talked about: code fences, and thoughts written into the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_BLANK_LINE: Final = re.compile(r"[ \t]*[`~]*")


@dataclass(frozen=True, slots=True)
class Fence:
    """A code fence, up to a line that begins like its first."""

    mark: str

    def end(self, line: str, text: str) -> int:
        """Where it ends in a text that follows the beginning of a line; -1 when it does not."""
        pattern = re.compile(rf"^[ \t]*{re.escape(self.mark)}", re.MULTILINE)
        match = pattern.search(line + text)
        return match.end() - len(line) if match and match.end() > len(line) else -1

    def certain(self, text: str) -> int:
        """How much of a text without its end surely belongs to it."""
        return len(text)


@dataclass(frozen=True, slots=True)
class Thoughts:
    """Thoughts, up to their closing tag."""

    close: str

    def end(self, line: str, text: str) -> int:  # noqa: ARG002  (fences look at it)
        found = text.find(self.close)
        return found + len(self.close) if found >= 0 else -1

    def certain(self, text: str) -> int:
        start = max(0, len(text) - len(self.close) + 1)
        return next((at for at in range(start, len(text)) if self.close.startswith(text[at:])), len(text))


class Line:
    """The line that is being written: `text` is it while it is blank, else something that is not. State of one text."""

    __slots__ = ("last", "text")

    def __init__(self) -> None:
        self.text = ""
        self.last = ""  # the character written last

    def note(self, text: str) -> None:
        """Go on with this text."""
        if self.text == "x" and "\n" not in text:
            self.last = text[-1:] or self.last
            return
        _, line_end, last = text.rpartition("\n")
        whole = last if line_end else self.text + last
        self.text = whole if _BLANK_LINE.fullmatch(whole) else "x"
        self.last = text[-1:] or self.last

    def is_talk(self, text: str, at: int) -> bool:
        """Whether a marker in the text that follows stands in backticks, or is a fence within a line."""
        if text[at] != "`":
            return (text[at - 1] if at else self.last) == "`"
        return bool((self.text + text[:at]).rpartition("\n")[2].strip(" \t"))
