"""Keeps a folder of sessions within its size: the oldest go first."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ccproxy.record.session import META
from ccproxy.record.writing import UNFINISHED

# Going well below the limit at once makes the next look at all sizes a while away.
LEFT_OVER: Final = 0.9
LOOK_EVERY: Final = 100
ABANDONED_AFTER_S: Final = 3600.0


class Rotation:
    """State: what a folder holds as far as this process knows; others may write to it too."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._known: int | None = None
        self._added = 0

    def add(self, session: Path) -> None:
        """Take note of a new session; delete the oldest when there is too much."""
        if not self._limit:
            return
        self._added += 1
        if self._known is None or self._added % LOOK_EVERY == 0:
            self._known = sum(size_of(path) for path in self._sessions())
        else:
            self._known += size_of(session)
        if self._known > self._limit:
            self._known = self._shrink()

    def _shrink(self) -> int:
        sizes = [(path, size_of(path)) for path in self._sessions()]
        total = sum(size for _, size in sizes)
        for path, size in sizes[:-1]:  # the newest stays, whatever its size
            if total <= self._limit * LEFT_OVER:
                break
            shutil.rmtree(path, ignore_errors=True)
            total -= size
        self._clear_abandoned()
        return total

    def _sessions(self) -> list[Path]:
        """Return session folders, oldest first: their names begin with the time."""
        return sorted(path for path in self._folder.iterdir() if (path / META).is_file() and path.name[:1] != ".")

    def _clear_abandoned(self) -> None:
        """Delete what a process left that ended while it wrote."""
        long_ago = time.time() - ABANDONED_AFTER_S
        for path in self._folder.glob(f"{UNFINISHED}*"):
            if path.stat().st_mtime < long_ago:
                shutil.rmtree(path, ignore_errors=True)


def size_of(folder: Path) -> int:
    """Return the bytes of a folder's files; what vanishes meanwhile counts nothing."""
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry.stat().st_size for entry in entries if entry.is_file())
    except OSError:
        return
