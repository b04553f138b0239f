"""Puts changed files in force while requests run: waits until they are whole, loads them, replaces, or tells why not.

Loading happens in a thread and, what is heavy of it, in another process, so that streams go on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ccproxy.server.loading import NEVER_SEEN, CannotLoadError, Places
from ccproxy.server.memory import settle_memory
from ccproxy.server.switches import SwitchFile
from ccproxy.server.watching import Watcher

if TYPE_CHECKING:
    from ccproxy.server.current import Current
    from ccproxy.server.loading import Loaded, Source, Stamp

# Files that did not change for so long are whole.
CALM_S: Final = 0.1
LONGEST_UNREST_S: Final = 5.0
FORGET_AFTER_S: Final = 10.0
log: Final = logging.getLogger("ccproxy")

Say = Callable[[str], None]


def say_on_stderr(text: str) -> None:
    """Tell people."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Following:
    """What to follow: files that were read at a unix time, and the switches of all workers; whom to tell."""

    source: Source | None = None
    loaded_at: float = 0.0
    switch_file: SwitchFile = field(default_factory=SwitchFile)
    say: Say = say_on_stderr


class Reloader:
    """State: whether files stirred, and whether somebody asked for them to be read again."""

    def __init__(self, current: Current, following: Following) -> None:
        self._current = current
        self._following = following
        self._say = following.say
        path = following.switch_file.path
        self._switch_places = Places((path,) if path else ())
        self._stirred = asyncio.Event()
        self._asked = False
        self._loop = asyncio.get_running_loop()

    def ask(self) -> None:
        """Load again, whether files changed or not."""
        self._asked = True
        self._stirred.set()

    async def run(self) -> None:
        """Follow the files until cancelled."""
        source = self._following.source
        if source is None:
            return
        stamp = await asyncio.to_thread(source.begin, self._following.loaded_at)
        switched = NEVER_SEEN
        watcher = self._watcher(source.places)
        self._stirred.set()  # what changed since the start is looked at first
        try:
            while True:
                await self._stirred.wait()
                self._stirred.clear()
                switched = await self._follow_switches(switched)
                seen = await self._calm_stamp(source)
                if seen != stamp or self._asked:
                    self._asked = False
                    stamp = seen
                    await self._reload(source)
                    watcher = self._rewatched(watcher, source.places)
        finally:
            watcher.stop()

    async def _follow_switches(self, before: Stamp) -> Stamp:
        """Set what another worker was told to, if that is news."""
        now = await asyncio.to_thread(self._switch_places.stamp)
        if now != before:
            self._current.follow_others()
        return now

    async def _reload(self, source: Source) -> None:
        """Load, and put in force what is good."""
        try:
            loaded = await asyncio.to_thread(source.load)
            self._adopt(loaded)
        except CannotLoadError as error:
            self._refuse(error)
        except Exception as error:
            log.exception("loading failed unexpectedly")
            self._refuse(CannotLoadError(f"loading failed unexpectedly: {type(error).__name__}"))

    def _adopt(self, loaded: Loaded) -> None:
        old_engine = self._current.engine
        self._current.adopt(loaded.config, loaded.engine)
        restart = self._current.restart_needed()
        told = f"; {', '.join(restart)} from the next start on" if restart else ""
        self._say(f"ccproxy: version {self._current.version.number} of the configuration is in force{told}")
        if loaded.engine is not old_engine:
            self._loop.call_later(FORGET_AFTER_S, self._forget_old)

    def _forget_old(self) -> None:
        """Let go of old mappings as soon as nobody would notice: looking for them takes up to 100 ms."""
        if self._current.active:
            self._loop.call_later(FORGET_AFTER_S, self._forget_old)
        else:
            settle_memory()

    def _refuse(self, error: CannotLoadError) -> None:
        self._current.refuse(error.message, error.diagnostics)
        number = self._current.version.number
        self._say(f"{error.message}\n\nccproxy: version {number} of the configuration stays in force")

    async def _calm_stamp(self, source: Source) -> Stamp:
        """Return the files' stamp once it stops to change, so that nothing half written is read."""
        deadline = self._loop.time() + LONGEST_UNREST_S
        stamp = await asyncio.to_thread(source.places.stamp)
        while True:
            await asyncio.sleep(CALM_S)
            again = await asyncio.to_thread(source.places.stamp)
            if again == stamp or self._loop.time() > deadline:
                return again
            stamp = again

    def _watcher(self, places: Places) -> Watcher:
        return Watcher(self._with_switches(places), self._stir)

    def _rewatched(self, watcher: Watcher, places: Places) -> Watcher:
        """Return a watcher for the places that count now."""
        if self._with_switches(places) == watcher.places:
            return watcher
        watcher.stop()
        self._stirred.set()  # something may have changed between the two
        return self._watcher(places)

    def _with_switches(self, places: Places) -> Places:
        return Places((*places.files, *self._switch_places.files), places.folders)

    def _stir(self) -> None:
        """Called in the watcher's threads."""
        try:
            self._loop.call_soon_threadsafe(self._stirred.set)
        except RuntimeError:  # the loop has ended
            return
