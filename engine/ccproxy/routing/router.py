"""A group and a model name to the turns of an alias."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.config.model import DEFAULT_GROUP, SAME_MODEL
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.routing.aliases import AliasTable
from ccproxy.routing.failures import ProxyError
from ccproxy.routing.rotation import Rotation, Turn, build_rotation

if TYPE_CHECKING:
    from ccproxy.config.model import Alias, Config
    from ccproxy.routing.shared import SharedState

SWITCH: Final = "switch"


@dataclass(frozen=True, slots=True)
class Choice:
    """Who can answer a request: turns in the order in which they are tried, never none; `model` is without its group.

    `group` is the one whose alias matched, which may be one that the asked group falls back to.
    """

    group: str
    alias: Alias
    model: str
    turns: Sequence[Turn]

    def model_of(self, turn: Turn) -> str:
        """Return the model's name at a turn's provider."""
        return self.model if turn.model == SAME_MODEL else turn.model


class Router:
    """Resolves names; owns the state of all rotations. `active_group` is what `/switch` means now."""

    def __init__(self, config: Config, shared: SharedState | None = None) -> None:
        self._config = config
        self.active_group = config.active_group
        self._tables = {name: AliasTable(group.aliases) for name, group in config.groups.items()}
        self._rotations: dict[tuple[str, str], Rotation] = {
            (name, alias.pattern): build_rotation(usable, config.providers, f"{name}/{alias.pattern}", shared)
            for name, group in config.groups.items()
            for alias in group.aliases
            if (usable := [target for target in alias.targets if target.provider in config.providers])
        }

    def choose(
        self, group: str | None, model: str, allowed: Sequence[str] = (), conversation: bytes | None = None
    ) -> Choice:
        """Take a turn of the alias that a model name means; raise when there is none.

        A conversation always has the same order of turns.
        """
        name, alias, model = self.find(group, model, allowed)
        rotation = self._rotations.get((name, alias.pattern))
        if rotation is None:
            raise ProxyError("invalid_request", 400, f"The model `{model}` has no target.", param="model")
        return Choice(name, alias, model, rotation.order(conversation))

    def fall_back(self, choice: Choice) -> Choice | None:
        """Return who can answer in the group that a choice's group falls back to, None when there is nobody."""
        fallback = self._config.groups[choice.group].fallback_group
        try:
            return self.choose(fallback, choice.model) if fallback is not None else None
        except ProxyError:
            return None

    def find(self, group: str | None, model: str, allowed: Sequence[str] = ()) -> tuple[str, Alias, str]:
        """Return the group and the alias that a model name means, and the name without its group; take no turn."""
        name, model = self._group_of(group, model)
        _refuse_unless(name, allowed)
        while True:
            table = self._tables.get(name)
            if table is None:
                raise self._unknown_group(name)
            alias = table.find(model)
            if alias is not None:
                return name, alias, model
            fallback = self._config.groups[name].fallback_group
            if fallback is None:
                raise _unknown_model(model, name, table)
            name = fallback

    def aliases(self, group: str | None, allowed: Sequence[str] = ()) -> list[Alias]:
        """Return the aliases of a group and of those that it falls back to; raise when it is unknown."""
        name: str | None = self._group_of(group, "")[0]
        _refuse_unless(str(name), allowed)
        found: dict[str, Alias] = {}
        while name is not None:
            if name not in self._tables:
                raise self._unknown_group(name)
            for alias in self._config.groups[name].aliases:
                found.setdefault(alias.pattern, alias)
            name = self._config.groups[name].fallback_group
        return list(found.values())

    def turns(self) -> list[Turn]:
        """Return every turn that any alias can take."""
        return [turn for rotation in self._rotations.values() for turn in rotation.turns]

    def _group_of(self, group: str | None, model: str) -> tuple[str, str]:
        """Return the group that counts: `group@model` beats the path, `switch` is the active group."""
        before, at, after = model.partition("@")
        if at and after and (before in self._tables or before == SWITCH):
            group, model = before, after
        if group == SWITCH:
            return self.active_group, model
        return group or DEFAULT_GROUP, model

    def _unknown_group(self, name: str) -> ProxyError:
        near = closest(name, self._tables)
        hint = f" Did you mean `{near}`?" if near else ""
        known = quoted_list(sorted(self._tables), "and")
        listed = f" Groups are {known}." if known else ""
        return ProxyError("not_found", 404, f"There is no group `{name}`.{hint}{listed}")


def _refuse_unless(group: str, allowed: Sequence[str]) -> None:
    if allowed and group not in allowed:
        raise ProxyError("permission", 403, f"This access key may not use the group `{group}`.")


def _unknown_model(model: str, group: str, table: AliasTable) -> ProxyError:
    near = table.close_names(model)
    hint = f" The closest aliases are {quoted_list(near, 'and')}." if near else " It has no aliases yet."
    return ProxyError(
        "not_found", 404, f"The model `{model[:200]}` is unknown in group `{group}`.{hint}", param="model"
    )
