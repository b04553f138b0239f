"""Settings of sampling: a factor for the temperature, defaults for what the client left out, caps on what it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeGuard

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json

# Names in the unified format, with the kind of their value.
WHOLE_NUMBERS: Final = frozenset({"max_tokens", "top_k", "seed"})
NUMBERS: Final = frozenset(
    {"temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty", "repeat_penalty"} | WHOLE_NUMBERS
)
STOP: Final = "stop"
SETTINGS: Final = NUMBERS | {STOP}
# Without a number of its own a request may use as much as the model can, so a cap is a number for it too.
_UNLIMITED: Final = frozenset({"max_tokens"})
_DIGITS: Final = 6  # 0.7 * 0.1 is 0.06999999999999999


@dataclass(frozen=True, slots=True)
class Sampling:
    """The factor comes first, on the client's own temperature; then defaults, then caps."""

    ratio: float = 1.0
    defaults: Mapping[str, Json] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)

    def changes(self, value_of: Callable[[str], Json]) -> dict[str, Json]:
        """Return the settings that get another value than they have."""
        changed: dict[str, Json] = {}
        temperature = value_of("temperature")
        if self.ratio != 1.0 and _is_number(temperature):
            changed["temperature"] = round(temperature * self.ratio, _DIGITS)
        changed |= {name: value for name, value in self.defaults.items() if value_of(name) is None}
        for name, most in self.caps.items():
            value = changed[name] if name in changed else value_of(name)
            if (value is None and name in _UNLIMITED) or (_is_number(value) and value > most):
                changed[name] = most
        return changed


def _is_number(value: Json) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
