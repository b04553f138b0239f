"""What a reload needs from whoever knows where files are: places to watch, and how to load them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.pipeline.engine_port import Engine


class FileStamp(NamedTuple):
    """What tells one state of a file from another."""

    path: str
    changed_ns: int
    size: int
    number: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of all files from another."""

    files: frozenset[FileStamp] = frozenset()

    def before(self, moment: float) -> Stamp:
        """Return the same without files that changed after a unix time."""
        return Stamp(frozenset(file for file in self.files if file.changed_ns < moment * 1e9))


NEVER_SEEN: Final = Stamp()


@dataclass(frozen=True, slots=True)
class Places:
    """Single files, which need not exist, and folders whose YAML files count, one level deep."""

    files: tuple[Path, ...] = ()
    folders: tuple[Path, ...] = ()

    def stamp(self) -> Stamp:
        """Return what tells one state of all files from another."""
        found = [entry for path in self.files for entry in _stamp_of(path)]
        found += [entry for folder in self.folders for entry in _stamps_below(folder)]
        return Stamp(frozenset(found))


@dataclass(frozen=True, slots=True)
class Loaded:
    """Checked files, ready to be put in force."""

    config: Config
    engine: Engine


class CannotLoadError(Exception):
    """Files are not good enough to be put in force; the message is for people, with all diagnostics rendered."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.diagnostics = tuple(diagnostics)


class Source(Protocol):
    """Files on disk. Methods are called in a thread, never two at a time."""

    @property
    def places(self) -> Places:
        """Where the files are that count now."""

    def begin(self, loaded_at: float) -> Stamp:
        """Return the stamp of what was loaded at a unix time: what changed since then is not in it. Called first."""

    def load(self) -> Loaded:
        """Read and check everything; raises CannotLoadError."""


def _stamp_of(path: Path) -> Iterator[FileStamp]:
    try:
        status = path.stat()
    except OSError:
        return
    yield FileStamp(str(path), status.st_mtime_ns, status.st_size, status.st_ino)


def _stamps_below(root: Path) -> Iterator[FileStamp]:
    try:
        folders = [entry.path for entry in os.scandir(root) if entry.is_dir()]
    except OSError:
        return
    for folder in folders:
        yield from (stamp for path in Path(folder).glob("*.yaml") for stamp in _stamp_of(path))
