"""The mapping files of a trace: what they are called for people, and the lines around a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.mapping.files import find_mapping_files

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span

AROUND: Final = 4


@dataclass(slots=True)
class Files:
    """State: the texts that were read so far."""

    paths: dict[str, tuple[str, Path]] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def name(self, span: Span) -> str:
        """The file as a person finds it: as it was given, or below its folder of mappings where that is elsewhere."""
        return self.paths[span.file][0] if span.file in self.paths else span.file

    def place(self, span: Span) -> str:
        return f"{self.name(span)}:{span.line}"

    def frame(self, span: Span) -> list[tuple[int, str]]:
        """The rule's line and some around it, numbered; empty where the file cannot be read any more."""
        lines = self._text(span.file)
        first = max(1, span.line - AROUND)
        return [(number, lines[number - 1]) for number in range(first, min(len(lines), span.line + AROUND) + 1)]

    def _text(self, file: str) -> list[str]:
        if file not in self._lines:
            path = self.paths[file][1] if file in self.paths else None
            try:
                self._lines[file] = path.read_text("utf-8").splitlines() if path is not None else []
            except OSError:
                self._lines[file] = []
        return self._lines[file]


def files_of(roots: Sequence[Path]) -> Files:
    """The files of these folders of mappings."""
    found = {}
    for file in find_mapping_files(roots):
        root = file.path.parent.parent
        short = file.display if not Path(file.display).is_absolute() else f"{root.name}/{file.path.relative_to(root)}"
        found[file.display] = short, file.path
    return Files(found)
