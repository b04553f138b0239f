"""Writes down what happens to a request while it is converted: documents as stages, rules as histories of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ccproxy.trace.alignment import Before, Leaves, align, containers
from ccproxy.trace.model import Field, Source, Stage

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.trace.alignment import Origin
    from ccproxy.trace.made import Note, Path, Ref
    from ccproxy.trace.model import Drop


REFUSAL: Final = "refusal"
FRAGMENTS: Final = "fragments"


class Journal:
    """State of one trace. Documents are known by identity, and kept for as long as the journal is."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.attempt = 0
        self.step = 0
        self._known: dict[int, tuple[object, int]] = {}
        self._told = Leaves()

    def number_of(self, document: object) -> int | None:
        """The stage that a document is, if any."""
        known = self._known.get(id(document))
        return known[1] if known is not None else None

    def know(self, document: object, number: int) -> None:
        """From now on the document is that stage."""
        self._known[id(document)] = document, number

    def arrive(self, document: Json, name: str, title: str) -> int:
        """Note a document that comes from outside."""
        return self._add(Stage(name, title, deepcopy(document), {}), document)

    def open(self, name: str, title: str, document: Json, origin: int) -> int:
        """Note a document that is still being made; `close` completes it. It is changed in place meanwhile."""
        return self._add(Stage(name, title, document, {}, origin=origin), document)

    def close(self, number: int, notes: Mapping[Path, Note], drops: Iterable[Drop], roots: Mapping[str, int]) -> None:
        """Complete a stage with what rules told; `roots` are the stages that engine variables are."""
        stage = self.stages[number]
        origin = stage.origin
        fields = {path: _field(note, origin, roots) for path, note in notes.items()}
        self.stages[number] = replace(stage, document=deepcopy(stage.document), fields=fields, drops=tuple(drops))
        if stage.name == FRAGMENTS:
            self._told.add(number, stage.document)

    def before(self, document: Json) -> Before:
        """What must be known of a document that is about to be changed."""
        return Before(deepcopy(document), dict(containers(document)))

    def changed(
        self, document: Json, before: Before, name: str, title: str, by: str, *, origin: int, drops: Iterable[Drop] = ()
    ) -> int:
        """Note a document that the engine made of another; nothing when the two are the same."""
        drops = tuple(drops)
        if document == before.document and not drops:
            self.know(document, origin)
            return origin
        fields = _aligned(align(document, before), origin, by)
        return self._add(Stage(name, title, deepcopy(document), fields, drops, origin), document)

    def realigned(self, document: Json, name: str, title: str, by: str, *, origin: int) -> int:
        """Note a document that was made of another at a time nobody watched."""
        return self.changed(document, Before(self.stages[origin].document), name, title, by, origin=origin)

    def derived(self, document: Json, name: str, title: str, by: str, *, origin: int) -> int:
        """Note a document that the engine built anew of what it was told so far, lately in `origin`."""
        self._told.add(origin, self.stages[origin].document)
        fields = {
            path: Field(by=by) if found is None else Field(None, (Source(found[0], "", found[1]),), copied=True)
            for path, found in self._told.origins(document).items()
        }
        return self._add(Stage(name, title, deepcopy(document), fields, (), origin), document)

    def passed_on(self, number: int, name: str, title: str) -> None:
        """Note that a stage's document went on as it was."""
        whole = Field(None, (Source(number, "", ()),), copied=True)
        self._add(Stage(name, title, self.stages[number].document, {(): whole}, (), number), None)

    def refuse(self, error: JsonObject) -> None:
        """Note a refusal, unless the rule that made it has."""
        if not any(stage.name == REFUSAL and stage.attempt == self.attempt for stage in self.stages):
            self.arrive({"error": error}, REFUSAL, "refused")

    def recognise(self, document: Json) -> bool:
        """Whether the document is the latest stage, perhaps as another object."""
        last = self.last
        if last is None or self.stages[last].document != document:
            return False
        self.know(document, last)
        return True

    @property
    def last(self) -> int | None:
        """The number of the latest stage."""
        return len(self.stages) - 1 if self.stages else None

    def _add(self, stage: Stage, document: object) -> int:
        number = len(self.stages)
        self.stages.append(replace(stage, attempt=self.attempt, step=self.step))
        if isinstance(document, dict | list):
            self.know(document, number)
        return number


def _aligned(origins: Mapping[Path, Origin | None], origin: int, by: str) -> dict[Path, Field]:
    fields = {}
    for path, found in origins.items():
        if found is None:
            fields[path] = Field(by=by)
        else:
            fields[path] = Field(None, (Source(origin, "", found.path),), found.same, by="" if found.same else by)
    return fields


def _field(note: Note, origin: int | None, roots: Mapping[str, int]) -> Field:
    def resolved(refs: Iterable[Ref]) -> tuple[Source, ...]:
        return tuple(Source(origin if not ref.root else roots.get(ref.root), ref.root, ref.path) for ref in refs)

    copied = note.copied is not None
    sources = resolved((note.copied,)) if note.copied is not None else resolved(note.sources)
    return Field(note.place, sources, copied, resolved(note.conditions), note.via)
