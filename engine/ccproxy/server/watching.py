"""Hears of files that change: from the system where `watchfiles` is installed, else by looking every second.

Hearing only wakes somebody up; whether anything really changed is told by stamps. So it does no harm to wake too often.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from ccproxy.server.loading import Places

LOOK_EVERY_S: Final = 1.0
LIBRARY: Final = "watchfiles"
# Several writes within so long are one change.
GROUP_MS: Final = 200
STEP_MS: Final = 50
log: Final = logging.getLogger("ccproxy")


class Stopped(Protocol):
    """Says when to stop."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Watcher:
    """State: threads that watch. `stir` is called in them."""

    def __init__(self, places: Places, stir: Callable[[], None]) -> None:
        self.places = places
        self._stopped = threading.Event()
        self._stir = stir
        files = {path.absolute() for path in places.files}
        names = {str(path) for path in files}
        flat = [folder for folder in {path.parent for path in files} if folder.is_dir()]
        deep = [folder.absolute() for folder in places.folders if folder.is_dir()]
        self._start(flat, False, lambda path: path in names)
        self._start(deep, True, lambda path: path.endswith(".yaml"))

    def stop(self) -> None:
        """Watch no more; the threads end by themselves."""
        self._stopped.set()

    def _start(self, folders: list[Path], deep: bool, counts: Callable[[str], bool]) -> None:
        if folders:
            run = (folders, deep, counts)
            threading.Thread(target=self._watch, args=run, name="ccproxy-watch", daemon=True).start()

    def _watch(self, folders: list[Path], deep: bool, counts: Callable[[str], bool]) -> None:
        try:
            watch = importlib.import_module(LIBRARY).watch
        except ImportError:
            self._look()
            return
        try:
            changes = watch(
                *folders,
                watch_filter=lambda _change, path: counts(path),
                recursive=deep,
                debounce=GROUP_MS,
                step=STEP_MS,
                stop_event=self._stopped,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            for _ in changes:
                self._stir()
        except Exception as error:  # e.g. the system's limit of watches is reached
            log.warning("files are looked at every second, since they cannot be watched: %s", error)
            self._look()

    def _look(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self._stir()
