"""What answers when nobody configured anything: a local model if there is one, else recorded sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yarl import URL

from ccproxy.config.automatic import config_of_one
from ccproxy.config.providers import provider_of
from ccproxy.server.local_model import find_model, free_port, is_available, start_model
from ccproxy.server.replay import load_sessions, start_replay

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.config.presets import Preset
    from ccproxy.mapping.protocol import Protocol

ROLE: Final = "embedded"
REPLAY_MODEL: Final = "replay"


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedded provider, before it runs; without a model it replays sessions."""

    preset: Preset
    model: Path | None

    @property
    def description(self) -> str:
        """What it is, for people."""
        if self.model is None:
            return "recorded sessions, not a model"
        return f"the local model {self.model.stem}, run by llama.cpp in this process"


def find_embedded(presets: Mapping[str, Preset], model: Path | None, replay: bool = False) -> Embedded:
    """Choose what the embedded provider will be; raises LookupError when there can be none."""
    preset = next((preset for preset in presets.values() if preset.role == ROLE), None)
    if preset is None:
        raise LookupError("no provider preset has the role `embedded`")
    if model is not None:
        return Embedded(preset, _checked(model))
    return Embedded(preset, find_model() if is_available() and not replay else None)


def embedded_config(embedded: Embedded, port: int) -> Config:
    """Return a configuration in which every name means the embedded provider."""
    provider = provider_of(embedded.preset, (), {})
    base_url = str(URL(provider.base_url).with_port(port)).rstrip("/")
    name = REPLAY_MODEL if embedded.model is None else embedded.model.stem
    return config_of_one(replace(provider, base_url=base_url), name)


async def start_sessions(folders: Sequence[Path], protocol: Protocol) -> int:
    """Serve recorded sessions and return their port."""
    return await start_replay(load_sessions(folders), protocol)


def _checked(model: Path) -> Path:
    if not is_available():
        raise LookupError("a local model needs the library of `pip install 'ccproxy[local]'`")
    if not model.is_file():
        raise LookupError(f"there is no model file {model}")
    return model


__all__ = ["Embedded", "embedded_config", "find_embedded", "free_port", "start_model", "start_sessions"]
