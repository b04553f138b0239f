"""Checks and compiles mappings in a process of its own while the proxy serves: `python -m ccproxy.cli.renewal`.

Done in the proxy it would hold up every stream for seconds and take memory for good. The result lies in the store,
where the proxy finds it. A new interpreter, not a fork: a process with threads cannot be forked safely.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.precompile import CHECKED, MARK, errors_in, fill_store
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import MappingError
from ccproxy.mapping.stored_library import PACKAGE, StoredLibrary, store_folder

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.mapping.library import Library

LOCK: Final = "lock"
LONGEST_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Errors, or the folder of the store that holds the code of what was checked; none where nothing can be stored."""

    problems: tuple[Diagnostic, ...] = ()
    folder: Path | None = None


def renewed_engine(roots: Sequence[Path], changed: Sequence[Path]) -> Engine:
    """Check the folders that changed and compile all, in another process; raises MappingError with what is wrong.

    The engine is that of the files which were checked, even when they have changed again meanwhile.
    """
    outcome = _ask_other_process(roots, changed)
    if outcome.problems:
        raise MappingError([*outcome.problems])
    return _engine_in(outcome.folder, roots) if outcome.folder else Engine.load(*roots)


def _ask_other_process(roots: Sequence[Path], changed: Sequence[Path]) -> Outcome:
    command = [sys.executable, "-P", "-m", __name__, *_options(roots, changed)]
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]))
    try:
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, timeout=LONGEST_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenewalError(f"mappings cannot be checked: {error}") from error
    if done.returncode:
        raise RenewalError(f"the check of mappings ended unexpectedly:\n{done.stderr.decode(errors='replace')}")
    problems, folder = pickle.loads(done.stdout)
    return Outcome(tuple(problems), folder)


class RenewalError(Exception):
    """The other process did not do its work; the message is for people."""


def make_ready(roots: Sequence[Path], changed: Sequence[Path]) -> Outcome:
    """Check, compile and store. Of several processes one does the work, the others wait for it."""
    while True:
        folder = store_folder(roots)
        if folder is None:
            return Outcome(tuple(errors_in(changed)))
        with _locked(folder / LOCK):
            problems = _problems_of(folder, roots, changed)
            if store_folder(roots) == folder:
                if not problems:
                    (folder / CHECKED).touch()
                    (folder / MARK).touch()
                return Outcome(tuple(problems), folder)


def _problems_of(folder: Path, roots: Sequence[Path], changed: Sequence[Path]) -> list[Diagnostic]:
    problems = [] if (folder / CHECKED).exists() else errors_in(changed)
    if problems or (folder / MARK).exists():
        return problems
    try:
        fill_store(_engine_in(folder, roots))
    except MappingError as error:
        return error.diagnostics
    return []


def _engine_in(folder: Path, roots: Sequence[Path]) -> Engine:
    """Return an engine over one folder of the store; what is missing there is made from the files."""

    def open_source() -> Library:
        from ccproxy.conversion.from_source import open_source_library  # noqa: PLC0415 (parsers take 40 MB)

        return open_source_library(roots)

    return Engine(StoredLibrary(folder, open_source))


def _options(roots: Sequence[Path], changed: Sequence[Path]) -> Iterator[str]:
    for root in roots:
        yield ("+" if root in changed else "=") + str(root)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        import fcntl  # noqa: PLC0415
    except ImportError:
        yield
        return
    with path.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(options: Sequence[str]) -> None:
    """Write the errors to standard output for the process that asked."""
    roots = [Path(option[1:]) for option in options]
    changed = [Path(option[1:]) for option in options if option.startswith("+")]
    outcome = make_ready(roots, changed)
    sys.stdout.buffer.write(pickle.dumps((outcome.problems, outcome.folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
