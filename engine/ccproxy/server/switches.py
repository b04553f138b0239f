"""What is set by hand while the proxy runs, over what the configuration says; forgotten when it ends.

Workers tell each other through a small file in a folder of their own, which each of them watches.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from orjson import JSONDecodeError, dumps, loads

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.jsontypes import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Switches:
    """Settings by hand; None leaves what the configuration says, or `--record` for `record`."""

    group: str | None = None
    traffic: bool | None = None
    requests: bool | None = None
    record: bool | None = None

    def applied_to(self, config: Config) -> Config:
        """Return the configuration with these settings."""
        log = config.log
        if self.traffic is not None:
            log = replace(log, traffic=self.traffic)
        if self.requests is not None:
            log = replace(log, requests=self.requests)
        return replace(config, active_group=self.group or config.active_group, log=log)

    def kept_by(self, before: Config, after: Config) -> Switches:
        """Return what still holds under a new configuration: whatever the file changed counts from then on."""
        regrouped = before.active_group != after.active_group or self.group not in after.groups
        return Switches(
            group=None if regrouped else self.group,
            traffic=self.traffic if before.log.traffic == after.log.traffic else None,
            requests=self.requests if before.log.requests == after.log.requests else None,
            record=self.record,
        )

    def as_json(self) -> JsonObject:
        """Return what is set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


class SwitchFile:
    """The file through which workers tell each other; without a path there is one process only."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    def read(self) -> Switches | None:
        """Return what a worker wrote last; None when nobody wrote anything that can be read."""
        try:
            told: Json = loads(self.path.read_bytes()) if self.path else None
        except (OSError, JSONDecodeError):
            return None
        if not isinstance(told, dict):
            return None
        group = told.get("group")
        return Switches(
            group if isinstance(group, str) else None,
            _flag(told, "traffic"),
            _flag(told, "requests"),
            _flag(told, "record"),
        )

    def write(self, switches: Switches) -> None:
        """Tell the other workers; raises OSError."""
        if self.path is None:
            return
        with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as file:
            file.write(dumps(switches.as_json()))
        os.replace(file.name, self.path)


def _flag(told: JsonObject, name: str) -> bool | None:
    value = told.get(name)
    return value if isinstance(value, bool) else None
