"""What outlives every configuration: connections, state, who rests, the file of the request log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.datadirs import find_data_dirs
from ccproxy.pipeline.watch import Watchman
from ccproxy.routing.health import HealthBoard
from ccproxy.server.request_log import RequestLog
from ccproxy.server.traffic import Traffic
from ccproxy.state.state import State
from ccproxy.upstream.pool import Pool

if TYPE_CHECKING:
    from ccproxy.config.model import LogSettings
    from ccproxy.trace.ring import TraceRing


@dataclass(slots=True)
class Lasting:
    """State of a process that keeps its identity when a configuration is replaced."""

    state: State = field(default_factory=State)
    pool: Pool = field(default_factory=Pool)
    traffic: Traffic = field(default_factory=Traffic)
    _health: HealthBoard | None = None
    _watchman: tuple[float, Watchman] | None = None
    _request_log: tuple[LogSettings, RequestLog] | None = None
    _traces: TraceRing | None = None

    def health(self, cooldown_s: float) -> HealthBoard:
        """Return the one board of who rests; from now on rests have this length."""
        if self._health is None:
            self._health = HealthBoard(self.state.shared, cooldown_s)
        self._health.cooldown_s = cooldown_s
        return self._health

    def watchman(self, ping_every_s: float) -> Watchman:
        """Return the ticker for this pace; requests that another one looks after stay with it."""
        if self._watchman is None or self._watchman[0] != ping_every_s:
            self._watchman = ping_every_s, Watchman(ping_every_s)
        return self._watchman[1]

    def request_log(self, settings: LogSettings) -> RequestLog:
        """Return the log for these settings, with the file that is open already where they are the same."""
        if self._request_log is None or self._request_log[0] != settings:
            self._request_log = settings, RequestLog(settings)
        return self._request_log[1]

    @property
    def traces(self) -> TraceRing:
        """Return the requests that were traced lately."""
        if self._traces is None:
            from ccproxy.trace.ring import TraceRing  # noqa: PLC0415 (most proxies never trace)

            self._traces = TraceRing(self.traffic.mappings or find_data_dirs("mappings"))
        return self._traces

    def close(self) -> None:
        """Close idle connections, and write what traffic and state still hold."""
        self.pool.close()
        self.traffic.close()
        self.state.close()
