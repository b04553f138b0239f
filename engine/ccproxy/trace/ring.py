"""The last traces that were asked for, in memory: what was captured, until somebody looks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ccproxy.record.capture import Capture

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.routing.facts import RequestFacts
    from ccproxy.trace.model import Trace
    from ccproxy.trace.tracing import Tracer

MOST: Final = 32
LARGEST_BYTES: Final = 64 * 1024 * 1024
LARGEST_CAPTURE_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One request that is over, and the configuration that it went by. Secrets are still in it."""

    capture: Capture
    facts: RequestFacts
    config: Config


class TraceRing:
    """State: captures by the id of their trace, and the mappings that were read to trace them.

    `trace` may take a second, and is called in a thread.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self.roots = tuple(roots)
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._tracer: tuple[object, Tracer] | None = None

    def listen(self, trace_id: str, config: Config) -> Capture:
        """Return a listener whose request is kept under this id once it is over."""

        def keep(capture: Capture, facts: RequestFacts) -> None:
            self._kept[trace_id] = Kept(capture, facts, config)
            while len(self._kept) > MOST or self._size > LARGEST_BYTES:
                self._kept.popitem(last=False)

        return Capture(keep, LARGEST_CAPTURE_BYTES)

    def find(self, trace_id: str) -> Kept | None:
        """Return what is kept under an id."""
        return self._kept.get(trace_id)

    def ids(self) -> list[str]:
        """Return the ids that are kept, the latest first."""
        return [*reversed(self._kept)]

    def trace(self, kept: Kept, mappings: object) -> Trace:
        """Trace a request, without its secrets; `mappings` is what stands for those in force, which are read once.

        Raises MappingError and RulesError.
        """
        # Most proxies never trace, and need not load what it takes.
        from ccproxy.record.assembling import assemble  # noqa: PLC0415
        from ccproxy.record.recorder import known_of  # noqa: PLC0415
        from ccproxy.record.rules import load_rules  # noqa: PLC0415
        from ccproxy.trace.tracing import open_tracer  # noqa: PLC0415

        rules = load_rules(self.roots, kept.config.log.recording.redact)
        session = assemble(kept.capture, kept.facts, rules, known_of(kept.config, rules))
        if self._tracer is None or self._tracer[0] is not mappings:
            self._tracer = mappings, open_tracer(self.roots)
        return self._tracer[1].session(session)

    @property
    def _size(self) -> int:
        return sum(kept.capture.size for kept in self._kept.values())
