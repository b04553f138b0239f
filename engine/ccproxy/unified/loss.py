"""What a request loses on its way to a target: places and reasons, never silence."""

from __future__ import annotations

from typing import TypeAlias

from ccproxy.unified.model import Extra

Loss: TypeAlias = tuple[str, str]
Place: TypeAlias = tuple[str | int, ...]


class LossReport:
    """Collects losses; places are JSON pointers in the unified request as it came."""

    __slots__ = ("known", "losses")

    def __init__(self, known_protocols: frozenset[str]) -> None:
        self.known = known_protocols
        self.losses: list[Loss] = []

    def add(self, place: Place, reason: str) -> None:
        self.losses.append(("/" + "/".join(str(step) for step in place), reason))

    def add_extra(self, extra: Extra, place: Place) -> None:
        """Fields of protocols that the target's mapping does not read."""
        for protocol, fields in extra.items():
            if protocol in self.known:
                continue
            names = fields if isinstance(fields, dict) else ()
            for name in names:
                self.add((*place, "extra", protocol, name), f"only {protocol} has this field")
