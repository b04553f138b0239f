"""Who listens to the stages of requests: a recorder for `--record`, else one for `log.traffic`, else nobody."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.pipeline.stages import Listen
    from ccproxy.record.recorder import Recorder

log: Final = logging.getLogger("ccproxy")


class Traffic:
    """State: the recorder in force. Those before it write what they still hold, through the same queue.

    What was asked for on the command line is kept whole; the folder of `log.traffic` is kept small.
    """

    def __init__(self, mappings: Sequence[Path] = (), record_to: Path | None = None) -> None:
        self.record_to = record_to
        self.mappings = tuple(mappings)
        self._recorder: Recorder | None = None

    def listen(self, config: Config, records: bool = True) -> Listen | None:
        """Return what listens to requests by a configuration; without `records`, `--record` counts for nothing."""
        if self.record_to is not None and records:
            return self._listen(self.record_to, config, rotate=False)
        if config.log.traffic:
            return self._listen(Path(config.log.dir), config, rotate=True)
        return None

    def close(self) -> None:
        """Write what still waits."""
        if self._recorder is not None:
            self._recorder.close()

    def _listen(self, folder: Path, config: Config, rotate: bool) -> Listen | None:
        """Make a recorder; without rules that tell what is secret, nothing is written."""
        # Most proxies never record, and need not load what it takes.
        from ccproxy.record.recorder import build_recorder  # noqa: PLC0415
        from ccproxy.record.rules import RulesError  # noqa: PLC0415

        try:
            recorder = build_recorder(folder, config, self.mappings, rotate=rotate, previous=self._recorder)
        except RulesError as error:
            log.error("traffic is not written: %s", error)
            return None
        self._recorder = recorder
        return recorder.listen
