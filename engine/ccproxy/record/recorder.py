"""Writes requests down as sessions: captured on the event loop, redacted and written by a thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.config.recording import RecordingSettings
from ccproxy.record.assembling import Known, assemble
from ccproxy.record.capture import Capture
from ccproxy.record.rotation import Rotation
from ccproxy.record.rules import load_rules
from ccproxy.record.writing import write_session

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.record.rules import Rules
    from ccproxy.routing.facts import RequestFacts

# What may wait to be written; beyond it sessions are left out rather than memory filled.
LARGEST_BACKLOG_BYTES: Final = 128 * 1024 * 1024
log: Final = logging.getLogger("ccproxy")


class Backlog:
    """State: work that waits for one thread, which starts with the first piece and ends when told to."""

    def __init__(self, limit_bytes: int = LARGEST_BACKLOG_BYTES) -> None:
        self._limit = limit_bytes
        self._waiting = 0
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[tuple[int, Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, size: int, work: Callable[[], None]) -> bool:
        """Take a piece of work that holds so many bytes; False when too much waits already."""
        with self._lock:
            if self._waiting and self._waiting + size > self._limit:
                return False
            self._waiting += size
            if self._thread is None:  # not earlier: worker processes fork
                self._thread = threading.Thread(target=self._run, name="ccproxy-record", daemon=True)
                self._thread.start()
        self._work.put((size, work))
        return True

    def close(self, patience_s: float = 10.0) -> None:
        """Finish what waits, for so long at most."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._work.put(None)
            thread.join(patience_s)
            if thread.is_alive():
                log.warning("sessions of %d bytes were still to be written and are lost", self._waiting)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            size, work = item
            try:
                work()
            except Exception as failure:
                # the message of an unknown failure may hold what it failed on
                told = failure.strerror if isinstance(failure, OSError) else type(failure).__name__
                log.error("a session could not be written: %s", told)
            with self._lock:
                self._waiting -= size


class Recorder:
    """Listens to requests for one folder, with one configuration; those of later configurations share its backlog."""

    def __init__(
        self, folder: Path, rules: Rules, known: Known, settings: RecordingSettings, backlog: Backlog | None = None
    ) -> None:
        self.folder = folder
        self.backlog = backlog or Backlog()
        self._rules = rules
        self._known = known
        self._settings = settings
        self._rotation = Rotation(folder, settings.max_total_bytes)
        self._left_out = 0

    def listen(self, _facts: RequestFacts) -> Capture:
        """Return a listener for one request."""
        return Capture(self._finish, self._settings.max_session_bytes)

    def close(self, patience_s: float = 10.0) -> None:
        """Write what still waits, for so long at most."""
        self.backlog.close(patience_s)

    def _finish(self, capture: Capture, facts: RequestFacts) -> None:
        if not self.backlog.put(capture.size, lambda: self._write(capture, facts)):
            self._left_out += 1
            log.warning("sessions come faster than they can be written: %d left out", self._left_out)

    def _write(self, capture: Capture, facts: RequestFacts) -> None:
        session = assemble(capture, facts, self._rules, self._known)
        self._rotation.add(write_session(self.folder, session))


def build_recorder(
    folder: Path,
    config: Config,
    mappings: Sequence[Path],
    *,
    rotate: bool = True,
    previous: Recorder | None = None,
) -> Recorder:
    """Make a recorder for a configuration; raises RulesError. Without `rotate` nothing is ever deleted."""
    settings = config.log.recording
    rules = load_rules(mappings, settings.redact)
    if not rotate:
        settings = RecordingSettings(settings.max_session_bytes, 0, settings.redact)
    return Recorder(folder, rules, known_of(config, rules), settings, previous.backlog if previous else None)


def known_of(config: Config, rules: Rules) -> Known:
    """Return what a configuration knows that must not be written."""
    secrets: set[str] = set()
    for provider in config.providers.values():
        secrets.update(provider.keys)
        secrets.update(value for name, value in provider.headers.items() if rules.credentials.match(name))
        secrets.update(part for value in list(secrets) for part in value.split() if len(part) > len("Bearer "))
    return Known(config.providers, frozenset(secrets), frozenset(key.digest for key in config.access))
