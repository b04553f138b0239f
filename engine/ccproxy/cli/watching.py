"""`ccproxy validate --watch`: keeps what it read, and checks again only what a saved file concerns."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.cli.file_kinds import SUFFIXES
from ccproxy.cli.terminal import wants_colour
from ccproxy.cli.watched import Watched
from ccproxy.diagnostics.render import render, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Several writes within so long are one save.
GROUP_MS = 40
STEP_MS = 10
CLEAR = "\033[2J\033[3J\033[H"
EXAMPLES = ".jsonl"
STARTED = "ccproxy validate: checking"  # editors take what follows for the problems there are


def watch(paths: Sequence[Path], fmt: str) -> int:
    """Check the files, then again whenever one is saved, until interrupted."""
    print(STARTED, flush=True)
    start = time.perf_counter()
    watched = Watched(paths)
    _show(watched, fmt, len(watched.files), time.perf_counter() - start)
    for saved in _saves(paths):
        print(STARTED, flush=True)
        start = time.perf_counter()
        watched.renew(saved)
        _show(watched, fmt, len(saved), time.perf_counter() - start)
    return 0


def _saves(paths: Sequence[Path]) -> Iterator[list[Path]]:
    from watchfiles import watch as changes_of  # noqa: PLC0415

    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    chosen = {path.resolve() for path in paths if path.is_file()}
    for changes in changes_of(*folders, debounce=GROUP_MS, step=STEP_MS, raise_interrupt=False):
        saved = [path for path in _resolved(changes) if path.suffix in (*SUFFIXES, EXAMPLES)]
        saved = [path for path in saved if not chosen or path in chosen]
        if saved:
            yield saved


def _resolved(changes: Iterable[tuple[object, str]]) -> Iterator[Path]:
    yield from dict.fromkeys(Path(path).resolve() for _, path in sorted(changes, key=str))


def _show(watched: Watched, fmt: str, count: int, seconds: float) -> None:
    problems, colour = watched.problems(), wants_colour(sys.stdout, os.environ)
    if sys.stdout.isatty():
        print(CLEAR, end="")
    text = render(problems, fmt, watched.sources(), colour, len(watched.files))
    print(text, end="")
    if fmt != "full":
        print(summary(problems, len(watched.files)))
    files = "1 file" if count == 1 else f"{count} files"
    print(f"[{time.strftime('%H:%M:%S')}] checked {files} in {seconds * 1000:.0f} ms; waiting for changes", flush=True)
