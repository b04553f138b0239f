"""The configuration of a user who wrote none: providers whose keys the environment holds, else the embedded one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ccproxy.config.environment import expand
from ccproxy.config.model import DEFAULT_GROUP, SAME_MODEL, Alias, Config, Group, Provider, Target
from ccproxy.config.providers import provider_of

if TYPE_CHECKING:
    from ccproxy.config.presets import Preset


def config_from_environment(presets: Mapping[str, Preset], environ: Mapping[str, str]) -> Config | None:
    """Return a configuration of every provider with a key, or None when there is none."""
    found = presets_with_keys(presets, environ)
    if not found:
        return None
    providers = {preset.name: provider_of(preset, (environ[name],), environ) for name, preset in found.items()}
    return Config(providers=providers, groups={DEFAULT_GROUP: Group(DEFAULT_GROUP, _aliases([*found.values()]))})


def presets_with_keys(presets: Mapping[str, Preset], environ: Mapping[str, str]) -> dict[str, Preset]:
    """Return the presets whose key the environment holds, by its variable.

    Of several presets for one key, such as a provider's other protocols, the first counts.
    """
    found: dict[str, Preset] = {}
    for preset in presets.values():
        variable = next((name for name in preset.key_variables if environ.get(name)), None)
        if variable is not None and variable not in found and not expand(preset.base_url, environ)[1]:
            found[variable] = preset
    return found


def config_of_one(provider: Provider, model: str) -> Config:
    """Return a configuration in which every model name means one model."""
    everything = Alias("*", (Target(provider.name, model),))
    return Config(providers={provider.name: provider}, groups={DEFAULT_GROUP: Group(DEFAULT_GROUP, (everything,))})


def _aliases(presets: list[Preset]) -> tuple[Alias, ...]:
    """Return each provider's own model names, and the first provider's default for all others."""
    own = [Alias(pattern, (Target(preset.name, SAME_MODEL),)) for preset in presets for pattern in preset.models]
    others = [Alias("*", (Target(preset.name, preset.default_model),)) for preset in presets if preset.default_model]
    return tuple({alias.pattern: alias for alias in reversed([*own, *others[:1]])}.values())
