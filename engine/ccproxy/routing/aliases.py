"""Model names to aliases: an exact name beats a pattern, a longer pattern beats a shorter one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ccproxy.diagnostics.suggest import edit_distance

if TYPE_CHECKING:
    from ccproxy.config.model import Alias

CACHED_NAMES: Final = 4096
CLOSE_NAMES: Final = 3


class AliasTable:
    """The aliases of one group."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        found = tuple(aliases)
        self.names = tuple(alias.pattern for alias in found)
        self._exact = {alias.pattern: alias for alias in found if not is_pattern(alias.pattern)}
        patterns = [alias for alias in found if is_pattern(alias.pattern)]
        patterns.sort(key=lambda alias: -len(alias.pattern))
        self._patterns = [(compile_pattern(alias.pattern), alias) for alias in patterns]
        self._seen: dict[str, Alias | None] = {}

    def find(self, model: str) -> Alias | None:
        """Return the alias for a model name."""
        exact = self._exact.get(model)
        if exact is not None:
            return exact
        if model not in self._seen:
            if len(self._seen) >= CACHED_NAMES:
                self._seen.clear()
            self._seen[model] = next((alias for regex, alias in self._patterns if regex.fullmatch(model)), None)
        return self._seen[model]

    def close_names(self, model: str) -> list[str]:
        """Return a few aliases that look like a name nobody knows."""
        ranked = sorted(self.names, key=lambda name: (edit_distance(model[:80].lower(), name.lower()), name))
        return ranked[:CLOSE_NAMES]


def is_pattern(name: str) -> bool:
    """Whether a name has a `*` or `?`."""
    return "*" in name or "?" in name


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile `*` to any text and `?` to any one character."""
    text = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(text, re.DOTALL)
