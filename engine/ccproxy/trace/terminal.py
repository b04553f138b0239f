"""A trace for a terminal: documents on the left, the rules that wrote them on the right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.diagnostics.frame import printable
from ccproxy.diagnostics.paint import Paint
from ccproxy.trace.alignment import value_at
from ccproxy.trace.rows import rows

if TYPE_CHECKING:
    from ccproxy.trace.files import Files
    from ccproxy.trace.made import Path
    from ccproxy.trace.model import Field, Source, Stage, Trace
    from ccproxy.trace.rows import Row

NARROWEST: Final = 60
LEFT_SHARE: Final = 0.4


def render_terminal(trace: Trace, files: Files, *, colour: bool, width: int) -> str:
    """The whole trace as text, in lines of this width at most."""
    printer = _Printer(trace, files, Paint(colour), max(width, NARROWEST))
    return "\n".join(line.rstrip() for line in printer.lines()) + "\n"


@dataclass(slots=True)
class _Printer:
    trace: Trace
    files: Files
    paint: Paint
    width: int

    def lines(self) -> Iterator[str]:
        yield self.paint.title(printable(self.trace.title))
        size = max((len(name) for name in self.trace.facts), default=0)
        for name, text in self.trace.facts.items():
            yield f"  {name.ljust(size)}  {printable(text)}"[: self.width]
        step = attempt = 0
        for number, stage in enumerate(self.trace.stages):
            if stage.attempt != attempt:
                yield from ("", self._rule(f"try {stage.attempt + 1}"))
            if stage.step != step and stage.step:
                yield from ("", self._rule(f"event {stage.step}"))
            attempt, step = stage.attempt, stage.step
            yield from self._stage(number, stage)
        if self.trace.failure:
            yield from ("", self.paint.severe(f"ended: {printable(self.trace.failure)}"))

    def _rule(self, text: str) -> str:
        return self.paint.gutter(f"── {text} ".ljust(self.width, "─"))

    def _stage(self, number: int, stage: Stage) -> Iterator[str]:
        came = f"  ← {stage.origin}" if stage.origin is not None else ""
        yield ""
        yield f"{self.paint.keyword(f'{number} {printable(stage.title)}')}{self.paint.gutter(came)}"
        for row in rows(stage.document, lambda path: self._is_untouched(stage, path)):
            told = [] if row.closing else self._history(stage, row.path)
            yield self._line(row, told)
        for drop in stage.drops:
            where = f"  {self.files.place(drop.place)}" if drop.place else ""
            lost = printable(f"{drop.field}: {drop.reason}")
            yield f"  {self.paint.severe('dropped')} {lost}{self.paint.gutter(where)}"

    def _is_untouched(self, stage: Stage, path: Path) -> bool:
        """Whether the engine left a place inside a changed document as it was."""
        found = stage.fields.get(path)
        return found is not None and found.copied and found.place is None and stage.origin is not None

    def _line(self, row: Row, told: list[str]) -> str:
        room = int(self.width * LEFT_SHARE)
        text = printable(row.text)
        if not told:
            return _cut(text, self.width)
        left = _cut(text, room).ljust(room)
        place, *rest = told
        size = self.width - room - 2
        place = _cut(place, size)
        return f"{left}  {self.paint.gutter(place)}{_fitted(rest, size - len(place))}"

    def _history(self, stage: Stage, path: Path) -> list[str]:
        """The rule or what else wrote a place, then what it was written from."""
        field = stage.fields.get(path)
        if field is None:
            return []
        if field.place is None and field.copied:
            source = field.sources[0]
            moved = source.path != path or source.stage != stage.origin
            return ["unchanged", *([" ← ", _whence(source, stage)] if moved else [])]
        if field.place is None:
            return [field.by, *([" ← ", *map(str, field.sources)] if field.sources and path else [])]
        return [self.files.place(field.place), *self._sources(field, stage, path)]

    def _sources(self, field: Field, stage: Stage, path: Path) -> list[str]:
        if field.sources:
            return [" ← ", *map(str, field.sources)]
        if field.conditions and not isinstance(value_at(stage.document, path), dict | list):
            return [" if ", *map(str, field.conditions)]
        return []


def _whence(source: Source, stage: Stage) -> str:
    """A source, with the number of its stage where that is not the one before."""
    elsewhere = not source.variable and source.stage not in (None, stage.origin)
    return f"{source.stage}:{source}" if elsewhere else str(source)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def _fitted(words: list[str], width: int) -> str:
    """A word and the places after it, of which the ends matter more than the beginnings."""
    if not words:
        return ""
    lead, *places = words
    text = printable(lead + ", ".join(places))
    if len(text) <= width:
        return text
    first = places[0] + (f" +{len(places) - 1}" if len(places) > 1 else "")
    room = width - len(lead)
    return printable(lead + (first if len(first) <= room else "…" + first[-(room - 1) :])) if room > 1 else ""
