"""Generated code kept on disk between starts, so that a proxy need not parse YAML or expressions again.

One folder per state of mapping files and engine; a file that is missing or unreadable is made anew from the sources.
Code is stored with pickle and marshal, hence only in a folder that belongs to the user alone.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, overload

from ccproxy import __version__
from ccproxy.datadirs import find_data_dir
from ccproxy.mapping.generated import Generated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.codegen.framing import Framing
    from ccproxy.mapping.library import Index, Library

KEPT_STATES = 8
PACKAGE = Path(__file__).resolve().parent.parent


class StoredPlaces(Sequence["Span | None"]):
    """The rules behind generated lines, read from disk when one is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: tuple[Span | None, ...] | None = None

    def _load(self) -> tuple[Span | None, ...]:
        if self._places is None:
            places = read_pickle(self._path)
            self._places = places if isinstance(places, tuple) else ()
        return self._places

    def __len__(self) -> int:
        return len(self._load())

    @overload
    def __getitem__(self, place: int) -> Span | None: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Span | None]: ...
    def __getitem__(self, place: int | slice) -> Span | Sequence[Span | None] | None:
        return self._load()[place]


class StoredLibrary:
    """A library over a folder of stored code; `open_source` makes the real one when something is missing."""

    def __init__(self, folder: Path, open_source: Callable[[], Library]) -> None:
        self._folder = folder
        self._open_source = open_source
        self._source: Library | None = None
        self._index: Index | None = None

    @property
    def source(self) -> Library:
        """The library made from the files. Raises what reading them raises."""
        if self._source is None:
            self._source = self._open_source()
        return self._source

    @property
    def index(self) -> Index:
        if self._index is None:
            stored = read_pickle(self._folder / "index")
            if stored is None:
                stored = self.source.index
                write_pickle(self._folder / "index", stored)
            self._index = stored  # type: ignore[assignment]
        return self._index  # type: ignore[return-value]

    def folder(self, name: str, framing: Framing | None) -> Generated:
        kind = f"{framing.kind}.{framing.event_name}" if framing else "objects"
        return self._unit(f"protocol.{name}.{kind}", lambda: self.source.folder(name, framing))

    def quirk(self, name: str) -> Generated:
        return self._unit(f"quirk.{name}", lambda: self.source.quirk(name))

    def request_schema(self, name: str) -> JsonObject:
        path = self._folder / f"schema.{name}"
        stored = read_pickle(path)
        if not isinstance(stored, dict):
            stored = self.source.request_schema(name)
            write_pickle(path, stored)
        return stored

    def _unit(self, name: str, generate: Callable[[], Generated]) -> Generated:
        path, places = self._folder / name, self._folder / f"{name}.places"
        stored = read_pickle(path)
        if isinstance(stored, tuple):
            unit, code, constants = stored
            return Generated(unit, marshal.loads(code), StoredPlaces(places), constants)
        generated = generate()
        write_pickle(places, tuple(generated.places))
        write_pickle(path, (generated.name, marshal.dumps(generated.code), dict(generated.constants)))
        return generated


def read_pickle(path: Path) -> object:
    """A stored value, or None when there is none that can be read."""
    try:
        return pickle.loads(path.read_bytes())
    except (OSError, pickle.PickleError, EOFError, ValueError, AttributeError, ImportError, IndexError, TypeError):
        return None


def write_pickle(path: Path, value: object) -> None:
    """Store a value if that is possible; what cannot be stored is made anew next time."""
    try:
        content = pickle.dumps(value)
    except (pickle.PickleError, AttributeError, TypeError):
        return
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
    except OSError:
        return


def store_folder(roots: Iterable[Path], environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder for this state of mappings and engine, or None when nothing may be stored."""
    base = private_base(environ)
    if base is None:
        return None
    folder = base / fingerprint(roots)
    if not folder.is_dir():
        try:
            folder.mkdir(mode=0o700)
        except OSError:
            return None
        _forget_old_states(base)
    return folder


def private_base(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder in which things may be stored; None where that is switched off, or somebody else could write."""
    base = _base_folder(environ)
    return base if base is not None and _is_private(base) else None


def fingerprint(roots: Iterable[Path]) -> str:
    """A name for the state of all mapping files, the engine and the interpreter."""
    digest = hashlib.sha256(f"{__version__} {sys.version} {Path.cwd()}".encode())
    sources = [(PACKAGE, "**/*.py"), (find_data_dir("schemas"), "wire/*/request.schema.json")]
    sources += [(Path(root).resolve(), "*/*.yaml") for root in roots]
    for root, pattern in sources:
        for path in sorted(root.glob(pattern)):
            status = path.stat()
            digest.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\n".encode())
    return digest.hexdigest()[:32]


def _base_folder(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("CCPROXY_CACHE", "")
    if named == "off":
        return None
    if named:
        return Path(named)
    home = environ.get("XDG_CACHE_HOME") or (f"{environ['HOME']}/.cache" if environ.get("HOME") else "")
    return Path(home) / "ccproxy" if home else None


def _is_private(base: Path) -> bool:
    """Make the folder if need be; whether it is ours and nobody else may write to it."""
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = base.stat()
    except OSError:
        return False
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _forget_old_states(base: Path) -> None:
    states = sorted((path for path in base.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for old in states[:-KEPT_STATES]:
        shutil.rmtree(old, ignore_errors=True)
