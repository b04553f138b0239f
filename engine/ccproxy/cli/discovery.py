"""What this machine has: providers' keys in the environment, model servers that answer, programs of clients."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from yarl import URL

from ccproxy.cli.asking import Asker
from ccproxy.cli.local_checks import is_ccproxy
from ccproxy.config.access import is_loopback
from ccproxy.config.automatic import presets_with_keys
from ccproxy.config.providers import provider_of
from ccproxy.config.recipes import build_recipes

if TYPE_CHECKING:
    from ccproxy.config.presets import Preset
    from ccproxy.config.recipes import Recipe
    from ccproxy.conversion.engine import Engine

PATIENCE_S: Final = 1.0
MOST_MODELS: Final = 30
EMBEDDED: Final = "embedded"


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A model server on this machine, and its models."""

    preset: Preset
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found; presets by the variable that holds their key."""

    keyed: Mapping[str, Preset]
    servers: tuple[FoundServer, ...]
    clients: tuple[Recipe, ...]


def discover(engine: Engine, presets: Mapping[str, Preset], variables: Mapping[str, str]) -> Discovery:
    """Look around; asks nobody but servers on this machine."""
    usable = {name: preset for name, preset in presets.items() if preset.protocol in engine.protocols}
    local = [preset for preset in usable.values() if preset.role != EMBEDDED and _is_local(preset)]
    return Discovery(
        presets_with_keys(usable, variables),
        tuple(asyncio.run(_answering(engine, local))),
        tuple(recipe for recipe in build_recipes(engine.library.index.clients).values() if _is_installed(recipe)),
    )


def _is_local(preset: Preset) -> bool:
    return is_loopback(URL(preset.base_url).host or "")


def _is_installed(recipe: Recipe) -> bool:
    return bool(recipe.command) and shutil.which(recipe.command.split()[0]) is not None


async def _answering(engine: Engine, presets: Sequence[Preset]) -> list[FoundServer]:
    asker = Asker(engine, PATIENCE_S)
    found = await asyncio.gather(*(_ask(asker, preset) for preset in presets))
    return [server for server in found if server is not None]


async def _ask(asker: Asker, preset: Preset) -> FoundServer | None:
    """Return a server that lists at least one model and is not this proxy."""
    provider = provider_of(preset, (), {})
    if not asker.has_model_list(provider):
        return None
    models = (await asker.models(provider, None))[1]
    if not models or await asyncio.to_thread(is_ccproxy, str(URL(provider.base_url).origin())):
        return None
    return FoundServer(preset, tuple(str(model["id"]) for model in models[:MOST_MODELS]))
