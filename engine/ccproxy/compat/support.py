"""Which models call tools by themselves: what tables and runtimes say, and what upstreams answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.compat.dialects import Rules
    from ccproxy.jsontypes import Json

FLAG: Final = "tools"
MOST_REMEMBERED: Final = 4096


class ToolSupport:
    """Decides for mode `auto`. State: the models that refused tools, for as long as the process lives."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._refused: set[tuple[str, str]] = set()

    def is_native(
        self,
        provider: str,
        model: str,
        *,
        abilities: Collection[str] = (),
        capabilities: Mapping[str, Json] | None = None,
        shown: Collection[str] = (),
    ) -> bool:
        """Whether a provider's model is known to call tools by itself.

        `abilities` are those of the model tables, `capabilities` flags of quirks and protocols, `shown` what the
        runtime says of the model. A refusal counts more than all of these, a flag more than tables.
        """
        if self.has_refused(provider, model):
            return False
        flag = (capabilities or {}).get(FLAG)
        if isinstance(flag, bool):
            return flag
        return not self._rules.abilities.isdisjoint((*abilities, *shown))

    def has_refused(self, provider: str, model: str) -> bool:
        """Whether a provider's model refused tools."""
        return (provider, model) in self._refused

    def learn(self, provider: str, model: str, message: str) -> bool:
        """Whether an error's message says that the model has no tools, which is then remembered."""
        said = message.lower()
        if not any(fnmatchcase(said, pattern) for pattern in self._rules.refusals):
            return False
        if len(self._refused) >= MOST_REMEMBERED:
            self._refused.clear()
        self._refused.add((provider, model))
        return True
