"""Which lines of mappings are responsible for a difference: those that can have written the place, and that ran."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from ccproxy.conversion.from_source import open_source_library
from ccproxy.mapping.drops import loss_label
from ccproxy.mapping.files import find_mapping_files
from ccproxy.mapping.model import operation_kind
from ccproxy.record.comparing import ANSWER, DROPPED, UNIFIED
from ccproxy.record.writers import Writer, writers

if TYPE_CHECKING:
    from types import FrameType

    from ccproxy.mapping.model import Direction, Tree
    from ccproxy.record.comparing import Difference
    from ccproxy.record.edits import Change
    from ccproxy.record.replaying import Stage
    from ccproxy.record.session import Session

MOST: Final = 3
_GENERATED: Final = "<mapping "


class Line(NamedTuple):
    """One line of a mapping file."""

    file: str
    line: int


@dataclass(slots=True)
class Blame:
    """State: a tree of mappings with its templates, read when the first difference is found.

    `changed` are lines that another tree has not: where some of those ran, the others are not to blame.
    """

    stage: Stage
    changed: frozenset[Line] = frozenset()
    _tree: Tree | None = field(default=None, init=False)

    def lines(self, session: Session, difference: Difference, change: Change, ran: frozenset[Line]) -> list[Line]:
        """Return the lines that are responsible for one change, the likeliest first."""
        found = self._writers(session, difference, change)
        likely = [Line(writer.span.file, writer.span.line) for writer in found]
        for chosen in ([line for line in likely if line in self.changed], sorted(ran & self.changed)):
            if chosen:
                return list(dict.fromkeys(chosen))[:MOST]
        return _deepest([writer for writer in found if Line(writer.span.file, writer.span.line) in ran] or found)

    def ran(self, session: Session) -> frozenset[Line]:
        """Play the session once more and return every line that takes part."""
        with _watching() as seen:
            self.stage.play(session)
        units = self.stage.engine.units()
        places = ((units[name].generated.places, line) for name, line in seen if name in units)
        spans = (known[line - 1] for known, line in places if line <= len(known))
        return frozenset(Line(span.file, span.line) for span in spans if span is not None)

    def _writers(self, session: Session, difference: Difference, change: Change) -> list[Writer]:
        if self._tree is None:
            self._tree = open_source_library(self.stage.roots).tree
        tree = self._tree
        attempt = session.tries[min(difference.attempt, len(session.tries) - 1)]
        if difference.stage == DROPPED:
            return list(_drops(tree, session, attempt.protocol, (change.before, change.after)))
        client = difference.stage in (UNIFIED, ANSWER)
        folder = tree.folders.get(session.asked.protocol if client else attempt.protocol)
        direction: Direction = "to_unified" if difference.stage == UNIFIED else "from_unified"
        kind = _kind(session, difference, self.stage)
        template = folder.transforms.get((kind, direction)) if folder is not None else None
        if folder is None or template is None:
            return []
        return writers(tree, folder, template, change.path, events=difference.streamed)


def changed_lines(old: Mapping[str, Path], new: Mapping[str, Path]) -> tuple[frozenset[Line], frozenset[Line]]:
    """Return the lines of either tree that the other has not; files are by their path below the tree."""
    gone, come = set[Line](), set[Line]()
    for name in {*old, *new}:
        before, after = (_text(tree.get(name)) for tree in (old, new))
        if before == after:
            continue
        shown_old, shown_new = str(old.get(name, "")), str(new.get(name, ""))
        for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if kind != "equal":
                gone |= {Line(shown_old, number + 1) for number in range(a, b)}
                come |= {Line(shown_new, number + 1) for number in range(c, d)}
    return frozenset(gone), frozenset(come)


def files_of(roots: tuple[Path, ...]) -> dict[str, Path]:
    """Return the mapping files of a tree, by folder and name, as they are shown."""
    return {f"{file.folder}/{file.path.name}": Path(file.display) for file in find_mapping_files(roots)}


def _kind(session: Session, difference: Difference, stage: Stage) -> str:
    if difference.stage == ANSWER and session.answered.status >= 300:
        return "error"
    if difference.stage == ANSWER and difference.streamed:
        return "stream"
    half = "response" if difference.stage == ANSWER else "request"
    operation = stage.engine.protocols[session.asked.protocol].operations.get(session.operation)
    return half if operation is None or operation.is_chat else operation_kind(operation.convert_as, half)


def _drops(tree: Tree, session: Session, upstream: str, named: tuple[object, ...]) -> Iterator[Writer]:
    """Yield the entries under `drops:` that tell of these fields."""
    ways: tuple[tuple[str, Direction], ...] = ((session.asked.protocol, "to_unified"), (upstream, "from_unified"))
    for name, direction in ways:
        folder = tree.folders.get(name)
        for entry in folder.drops.get(("request", direction), ()) if folder else ():
            if loss_label(entry.pointer) in named:
                yield Writer(entry.node.span, 1)


def _deepest(found: list[Writer]) -> list[Line]:
    depth = max((writer.depth for writer in found), default=0)
    lines = [Line(writer.span.file, writer.span.line) for writer in found if writer.depth == depth]
    return list(dict.fromkeys(reversed(lines)))[:MOST]


def _text(path: Path | None) -> list[str]:
    return path.read_text("utf-8").splitlines() if path is not None else []


@contextmanager
def _watching() -> Iterator[set[tuple[str, int]]]:
    """Note every line of generated code that runs: its file's name and number."""
    seen: set[tuple[str, int]] = set()

    def inside(frame: FrameType, event: str, _argument: object) -> object:
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return inside

    def enter(frame: FrameType, _event: str, _argument: object) -> object:
        return inside if frame.f_code.co_filename.startswith(_GENERATED) else None

    before = sys.gettrace()
    sys.settrace(enter)  # type: ignore[arg-type]
    try:
        yield seen
    finally:
        sys.settrace(before)
