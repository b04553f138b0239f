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
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.cli.precompile import CHECKED, MARK, errors_in, fill_store
from ccproxy.conversion.engine import Engine
from ccproxy.conversion.errors import MappingError
from ccproxy.mapping.stored_library import PACKAGE, store_folder

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Diagnostic

LOCK: Final = "lock"
LONGEST_S: Final = 300.0


def make_ready(roots: Sequence[Path], changed: Sequence[Path]) -> None:
    """Check the folders that changed and compile all, in another process; raises MappingError with what is wrong."""
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
    problems: list[Diagnostic] = pickle.loads(done.stdout)
    if problems:
        raise MappingError(problems)


class RenewalError(Exception):
    """The other process did not do its work; the message is for people."""


def find_problems(roots: Sequence[Path], changed: Sequence[Path]) -> list[Diagnostic]:
    """Check, compile and store; return the errors. Of several processes one does the work, the others wait for it."""
    folder = store_folder(roots)
    if folder is None:
        return errors_in(changed)
    with _locked(folder / LOCK):
        if not (folder / CHECKED).exists():
            problems = errors_in(changed)
            if problems:
                return problems
            (folder / CHECKED).touch()
        if not (folder / MARK).exists():
            try:
                fill_store(Engine.load(*roots), folder)
            except MappingError as error:
                return error.diagnostics
    return []


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
    sys.stdout.buffer.write(pickle.dumps(find_problems(roots, changed)))


if __name__ == "__main__":
    main(sys.argv[1:])
