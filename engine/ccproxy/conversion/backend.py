"""Which quirks apply to a backend, and the chain of edits they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

from ccproxy.conversion.quirks import NO_QUIRKS, QuirkChain
from ccproxy.mapping.generated import build_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ccproxy.conversion.quirks import Edit
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.generated import CompiledUnit
    from ccproxy.mapping.library import Library, QuirkEntry


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a request goes, as far as quirks care. Empty means unknown."""

    protocol: str
    model: str = ""
    provider: str = ""
    host: str = ""


@dataclass(slots=True)
class QuirkLibrary:
    """All quirks of a library; chains are built once per backend and list of names."""

    library: Library
    units: dict[str, CompiledUnit] = field(default_factory=dict)
    _chains: dict[tuple[Backend, tuple[str, ...]], QuirkChain] = field(default_factory=dict)

    def chain(self, backend: Backend, named: tuple[str, ...] = ()) -> QuirkChain:
        """The chain for a backend: quirks whose `applies_to` matches, and those named."""
        key = (backend, named)
        if key not in self._chains:
            if len(self._chains) > 4096:  # models are named by clients
                self._chains.clear()
            self._chains[key] = self._build(
                [q for q in ordered(self.library.index.quirks) if q.name in named or applies(q, backend)]
            )
        return self._chains[key]

    def _build(self, quirks: list[QuirkEntry]) -> QuirkChain:
        if not quirks:
            return NO_QUIRKS
        capabilities: dict[str, Json] = {}
        for quirk in quirks:
            capabilities |= quirk.capabilities
        return QuirkChain(
            tuple(quirk.name for quirk in quirks),
            tuple(self._edits(quirks, "request")),
            tuple(self._edits(quirks, "response")),
            tuple(self._edits(quirks, "chunk")),
            capabilities,
        )

    def _edits(self, quirks: Iterable[QuirkEntry], kind: str) -> Iterator[Edit]:
        for quirk in quirks:
            if kind in quirk.kinds:
                yield cast("Edit", self.unit(quirk).functions[kind])

    def unit(self, quirk: QuirkEntry) -> CompiledUnit:
        if quirk.name not in self.units:
            self.units[quirk.name] = build_unit(self.library.quirk(quirk.name), lambda value: value)
        return self.units[quirk.name]


def applies(quirk: QuirkEntry, backend: Backend) -> bool:
    """Whether every condition of the quirk holds; one without conditions applies only by name."""
    facts = {"protocol": backend.protocol, "model": backend.model, "provider": backend.provider, "host": backend.host}
    if not quirk.applies_to:
        return False
    return all(matches(facts.get(name, ""), globs) for name, globs in quirk.applies_to.items())


def matches(value: str, globs: Iterable[str]) -> bool:
    """Whether a value fits one of the globs; case does not matter."""
    return any(fnmatchcase(value.lower(), glob.lower()) for glob in globs)


def ordered(quirks: Mapping[str, QuirkEntry]) -> list[QuirkEntry]:
    """Quirks of models, then those of hosts, by name; each after those it says it comes after."""
    result: list[QuirkEntry] = []
    placing: set[str] = set()

    def place(quirk: QuirkEntry) -> None:
        if quirk in result or quirk.name in placing:
            return
        placing.add(quirk.name)
        for name in quirk.after:
            if name in quirks:
                place(quirks[name])
        result.append(quirk)

    for name in sorted(quirks, key=lambda name: (bool(quirks[name].applies_to.keys() & {"host", "provider"}), name)):
        place(quirks[name])
    return result
