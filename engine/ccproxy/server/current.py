"""Which version answers the requests that come now, and what became of the last attempt to replace it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.server.switches import Switches, SwitchFile
from ccproxy.server.version import Version, build_version

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.diagnostics.model import Diagnostic
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.server.lasting import Lasting

Swapped = Callable[[Version], None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why files on disk are not in force: words for people, and diagnostics where files are wrong."""

    at: float
    message: str
    diagnostics: tuple[Diagnostic, ...] = ()


class Current:
    """State: the version in force. It is replaced whole, so that no request sees parts of two."""

    def __init__(
        self,
        lasting: Lasting,
        config: Config,
        engine: Engine,
        switch_file: SwitchFile | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lasting = lasting
        self.started_with = config
        self.given = config
        self.engine = engine
        self.switches = Switches()
        self.trouble: Trouble | None = None
        self.stopping = False
        self.active = 0  # requests that run now
        self.swapped: list[Swapped] = []  # called after each replacement, in order
        self.mcp_status: Callable[[], JsonObject | None] = lambda: None
        self._switch_file = switch_file or SwitchFile()
        self._clock = clock
        self.version = build_version(lasting, config, engine, 1, clock())

    def adopt(self, config: Config, engine: Engine) -> None:
        """Put new files in force; what was set by hand stays unless they say otherwise."""
        switches = self.switches.kept_by(self.given, config)
        self._replace(config, engine, switches)
        self.trouble = None

    def refuse(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        """Note why the version in force stays."""
        self.trouble = Trouble(self._clock(), message, tuple(diagnostics))

    def switch(self, switches: Switches) -> None:
        """Set something by hand, here and in all workers; raises OSError when they cannot be told."""
        self._switch_file.write(switches)
        self._replace(self.given, self.engine, switches)

    def follow_others(self) -> None:
        """Set what another worker was told to."""
        switches = self._switch_file.read()
        if switches is not None and switches != self.switches and switches.group in {None, *self.given.groups}:
            self._replace(self.given, self.engine, switches)

    def restart_needed(self) -> list[str]:
        """Return the settings that changed on disk and that only a restart puts in force."""
        before, now = self.started_with, self.given
        changed = {
            "server.host": before.server.host != now.server.host,
            "server.port": before.server.port != now.server.port,
            "server.workers": before.server.workers != now.server.workers,
            "state": before.state != now.state,
        }
        return [name for name, is_changed in changed.items() if is_changed]

    def _replace(self, config: Config, engine: Engine, switches: Switches) -> None:
        number = self.version.number + 1
        records = switches.record is not False
        version = build_version(self.lasting, switches.applied_to(config), engine, number, self._clock(), records)
        self.given, self.engine, self.switches, self.version = config, engine, switches, version
        for tell in self.swapped:
            tell(version)
