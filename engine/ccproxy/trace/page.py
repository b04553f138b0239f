"""A trace as one HTML page that needs nothing else. Imports a template engine when the first page is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.trace.model import pointer_of
from ccproxy.trace.rows import rows

if TYPE_CHECKING:
    from jinja2 import Template

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.trace.files import Files
    from ccproxy.trace.model import Field, Source, Stage, Trace
    from ccproxy.trace.rows import Row

TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class PageRow:
    """One line of a document; `id` is empty for lines that only close."""

    id: str
    kind: str
    indent: str
    key: str
    value: str
    tail: str
    place: str


@dataclass(frozen=True, slots=True)
class PageDrop:
    field: str
    reason: str
    rule: int | None
    place: str


@dataclass(frozen=True, slots=True)
class PageStage:
    number: int
    name: str
    title: str
    origin: int | None
    rows: tuple[PageRow, ...]
    drops: tuple[PageDrop, ...]


@dataclass(frozen=True, slots=True)
class PageGroup:
    """Stages side by side: those of a request, or of one event of a stream."""

    id: str
    name: str
    step: int
    stages: tuple[PageStage, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows."""

    title: str
    facts: tuple[tuple[str, str], ...]
    failure: str
    stages: int
    drops: int
    groups: tuple[PageGroup, ...]
    histories: JsonObject


def render_page(trace: Trace, files: Files, nonce: str = "") -> str:
    """The page; `nonce` is of the policy that it is served under, if any."""
    css, js = ((TEMPLATES / f"trace.{kind}").read_text("utf-8") for kind in ("css", "js"))
    return _template().render(page=_Maker(files).page(trace), css=css, js=js, nonce=nonce)


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("trace.html")


@dataclass(slots=True)
class _Maker:
    """State of one page: its rules and histories so far."""

    files: Files
    rules: list[Json] = field(default_factory=list)
    fields: dict[str, Json] = field(default_factory=dict)
    _numbers: dict[Span, int] = field(default_factory=dict)

    def page(self, trace: Trace) -> Page:
        numbered = list(enumerate(trace.stages))
        grouped = groupby(numbered, key=lambda item: (item[1].attempt, item[1].step))
        groups = tuple(self._group(attempt, step, list(stages)) for (attempt, step), stages in grouped)
        drops = sum(len(stage.drops) for stage in trace.stages)
        told: JsonObject = {"rules": self.rules, "fields": self.fields}
        return Page(trace.title, tuple(trace.facts.items()), trace.failure, len(numbered), drops, groups, told)

    def _group(self, attempt: int, step: int, stages: list[tuple[int, Stage]]) -> PageGroup:
        names = [f"try {attempt + 1}"] if attempt else []
        names += [f"event {step}"] if step else []
        made = tuple(self._stage(number, stage) for number, stage in stages)
        return PageGroup(f"g{stages[0][0]}", " · ".join(names), step, made)

    def _stage(self, number: int, stage: Stage) -> PageStage:
        drops = tuple(
            PageDrop(
                drop.field,
                drop.reason,
                self._rule(drop.place) if drop.place else None,
                self.files.place(drop.place) if drop.place else "",
            )
            for drop in stage.drops
        )
        lines = tuple(self._row(number, stage, row) for row in rows(stage.document))
        return PageStage(number, stage.name, stage.title, stage.origin, lines, drops)

    def _row(self, number: int, stage: Stage, row: Row) -> PageRow:
        indent = "  " * row.depth
        if row.closing:
            return PageRow("", "closing", indent, "", row.value, row.tail, "")
        own, told = stage.fields.get(row.path), stage.field(row.path)
        name = f"f{number}:{pointer_of(row.path)}"
        if told is not None:
            self.fields[name] = self._history(told)
        place = own.place if own is not None else None
        kinds = [_kind(row.value), *_state(stage, told)]
        shown = self.files.place(place).removeprefix("mappings/") if place else ""
        return PageRow(name, " ".join(kinds), indent, row.key, row.value, row.tail, shown)

    def _history(self, told: Field) -> JsonObject:
        history: JsonObject = {}
        if told.place is not None:
            history["rule"] = self._rule(told.place)
        if told.by:
            history["by"] = told.by
        if told.sources:
            history["from"] = [_source(source) for source in told.sources]
        if told.copied:
            history["copied"] = True
        if told.conditions:
            history["given"] = [_source(source) for source in told.conditions]
        if told.via:
            history["via"] = [self._rule(span) for span in told.via]
        return history

    def _rule(self, span: Span) -> int:
        if span not in self._numbers:
            self._numbers[span] = len(self.rules)
            lines: list[Json] = [[number, text] for number, text in self.files.frame(span)]
            told: JsonObject = {"place": self.files.place(span), "line": span.line, "column": span.column}
            self.rules.append({**told, "end": span.end_column, "frame": lines})
        return self._numbers[span]


def _source(source: Source) -> JsonObject:
    told: JsonObject = {"pointer": source.pointer}
    if source.stage is not None:
        told["stage"] = source.stage
    if source.variable:
        told["variable"] = source.variable
    return told


def _kind(value: str) -> str:
    if value[:1] == '"':
        return "text"
    return "word" if value in ("true", "false", "null") else "open" if value[:1] in "{[" else "number"


def _state(stage: Stage, told: Field | None) -> Iterator[str]:
    """Whether the engine left a place as it was, or changed it."""
    if told is not None and told.place is None and stage.origin is not None:
        yield "same" if told.copied else "changed"
