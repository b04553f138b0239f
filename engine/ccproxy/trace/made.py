"""Values with their history: which rule wrote each place of one, and where in the sources it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json

Path = tuple[str | int, ...]


class Ref(NamedTuple):
    """A place in a source: `root` is the engine's variable, empty for the value that is converted."""

    root: str
    path: Path

    def at(self, *steps: str | int) -> Ref:
        """A place further inside."""
        return Ref(self.root, (*self.path, *steps))


@dataclass(frozen=True, slots=True)
class Note:
    """Who wrote a place: the rule, what it read, and what decided that it applies.

    `copied` is where the same value stands in a source; `via` are the uses of parts on the way, outermost first.
    """

    place: Span | None
    sources: tuple[Ref, ...] = ()
    copied: Ref | None = None
    conditions: tuple[Ref, ...] = ()
    via: tuple[Span, ...] = ()

    @property
    def read(self) -> tuple[Ref, ...]:
        """What the value was made from."""
        return self.sources if self.copied is None else (self.copied,)


@dataclass(frozen=True, slots=True)
class Made:
    """A value. Either all of it stands at `ref` in a source, or `notes` tell who wrote what of it."""

    value: Json
    ref: Ref | None = None
    notes: Mapping[Path, Note] = field(default_factory=dict)

    def refs(self, path: Path) -> tuple[Ref, ...]:
        """Where the value at a path inside, with all that is in it, comes from."""
        if self.ref is not None:
            return (self.ref.at(*path),)
        inside = [note for _, note in notes_below(self.notes, path)]
        if inside:
            return unique(ref for note in inside for ref in note.read)
        rest, note = nearest_note(self.notes, path)
        if note is None:
            return ()
        return (note.copied.at(*rest),) if note.copied is not None else note.sources

    def part(self, value: Json, path: Path) -> Made:
        """What stands at a path inside, which holds this value."""
        if self.ref is not None:
            return Made(value, self.ref.at(*path))
        inner = dict(notes_below(self.notes, path))
        if () not in inner:
            rest, note = nearest_note(self.notes, path)
            if note is not None:
                copied = note.copied.at(*rest) if note.copied is not None else None
                inner[()] = replace(note, copied=copied, sources=(copied,) if copied else note.sources)
        return Made(value, None, inner)


def nearest_note(notes: Mapping[Path, Note], path: Path) -> tuple[Path, Note | None]:
    """The note at a path or at the nearest place around it, and the way from there to the path."""
    for length in range(len(path), -1, -1):
        note = notes.get(path[:length])
        if note is not None:
            return path[length:], note
    return path, None


def notes_below(notes: Mapping[Path, Note], path: Path) -> Iterator[tuple[Path, Note]]:
    """The notes at and inside a place, by their way from it."""
    size = len(path)
    return ((inner[size:], note) for inner, note in notes.items() if inner[:size] == path)


def under(step: str | int, notes: Mapping[Path, Note]) -> dict[Path, Note]:
    """The notes of a value that is put under a key."""
    return {(step, *path): note for path, note in notes.items()}


def unique(refs: Iterable[Ref]) -> tuple[Ref, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(refs))


def notes_of(made: Made) -> Mapping[Path, Note]:
    """The notes of a value, also of one that stands in a source."""
    if made.ref is None or () in made.notes:
        return made.notes
    return {(): Note(None, (made.ref,), made.ref), **made.notes}
