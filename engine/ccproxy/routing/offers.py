"""What a client can ask for in a group, as unified models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from ccproxy.config.model import SAME_MODEL
from ccproxy.routing.aliases import compile_pattern, is_pattern

if TYPE_CHECKING:
    from ccproxy.config.model import Alias, Config, Provider
    from ccproxy.config.model_facts import ModelBook
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.routing.router import Router

_ABILITIES: Final = {"tools": "tools", "images": "vision", "reasoning": "thinking"}
_FAMILY: Final = re.compile(r"[a-z]+", re.IGNORECASE)


class Offers:
    """Lists the models of groups: exact aliases, and for patterns the names that are known to match them."""

    def __init__(self, config: Config, router: Router, book: ModelBook) -> None:
        self._providers = config.providers
        self._router = router
        self._book = book

    def models(self, group: str | None, allowed: Sequence[str] = ()) -> list[JsonObject]:
        """Return every model of a group once; raise when there is no such group."""
        found: dict[str, JsonObject] = {}
        for alias in self._router.aliases(group, allowed):
            for name in self._names(alias):
                if name not in found:
                    found[name] = self._describe(name, alias)
        return list(found.values())

    def model(self, group: str | None, name: str, allowed: Sequence[str] = ()) -> JsonObject:
        """Return one model; raise when the group has none of this name."""
        return self._describe(name, self._router.find(group, name, allowed)[1])

    def _names(self, alias: Alias) -> Iterator[str]:
        if not is_pattern(alias.pattern):
            yield alias.pattern
            return
        matches = compile_pattern(alias.pattern).fullmatch
        for target in alias.targets:
            provider = self._providers.get(target.provider)
            known = self._book.names(provider) if target.model == SAME_MODEL else (target.model,)
            yield from (name for name in known if matches(name))
        if all(target.model != SAME_MODEL for target in alias.targets) and alias.pattern.strip("*?"):
            yield from (name for name in self._book.names() if matches(name))

    def _describe(self, name: str, alias: Alias) -> JsonObject:
        target = alias.targets[0] if alias.targets else None
        provider = self._providers.get(target.provider) if target else None
        behind = name if target is None or target.model == SAME_MODEL else target.model
        family = _FAMILY.match(behind.rpartition("/")[2])
        model: JsonObject = {"id": name, "name": name, "owner": provider.name if provider else "ccproxy"}
        if family:
            model["family"] = family[0].lower()
        return model | self._limits(behind, provider)

    def _limits(self, model: str, provider: Provider | None) -> JsonObject:
        facts = self._book.facts(model, provider)
        if facts is None:
            return {"capabilities": ["completion", "tools"]}
        able: list[Json] = ["completion", *(word for name, word in _ABILITIES.items() if name in facts.abilities)]
        limits: JsonObject = {"capabilities": able}
        if facts.context is not None:
            limits["context"] = facts.context
        if facts.output is not None:
            limits["max_output"] = facts.output
        return limits
