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
from ccproxy.server.replay import load_sessions, recorded_config, start_recorded, start_replay

if TYPE_CHECKING:
    from ccproxy.config.model import Config
    from ccproxy.config.presets import Preset
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.record.session import Session as Recorded

ROLE: Final = "embedded"
REPLAY_MODEL: Final = "replay"


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedded provider, before it runs; without a model it replays sessions, recorded ones where there are any."""

    preset: Preset
    model: Path | None
    recorded: tuple[Recorded, ...] = ()

    @property
    def description(self) -> str:
        """What it is, for people."""
        if self.recorded:
            return f"{len(self.recorded)} recorded sessions, not a model"
        if self.model is None:
            return "recorded sessions, not a model"
        return f"the local model {self.model.stem}, run by llama.cpp in this process"


def find_embedded(presets: Mapping[str, Preset], model: Path | None, replay: Path | bool = False) -> Embedded:
    """Choose what the embedded provider will be; raises LookupError when there can be none.

    `replay` asks for sessions: those of a folder, or with True those that come with the mappings.
    """
    preset = next((preset for preset in presets.values() if preset.role == ROLE), None)
    if preset is None:
        raise LookupError("no provider preset has the role `embedded`")
    if model is not None:
        return Embedded(preset, _checked(model))
    if isinstance(replay, Path):
        return Embedded(preset, None, _recorded(replay))
    return Embedded(preset, find_model() if is_available() and not replay else None)


def embedded_config(embedded: Embedded, port: int) -> Config:
    """Return a configuration in which every name means the embedded provider, or whoever answered when recorded."""
    if embedded.recorded:
        return recorded_config(embedded.recorded, port)
    provider = provider_of(embedded.preset, (), {})
    base_url = str(URL(provider.base_url).with_port(port)).rstrip("/")
    name = REPLAY_MODEL if embedded.model is None else embedded.model.stem
    return config_of_one(replace(provider, base_url=base_url), name)


async def start_sessions(folders: Sequence[Path], protocol: Protocol, recorded: Sequence[Recorded] = ()) -> int:
    """Serve recorded sessions and return their port."""
    if recorded:
        from ccproxy.record.matching import Answers  # noqa: PLC0415  (only here)

        return await start_recorded(Answers(recorded, folders))
    return await start_replay(load_sessions(folders), protocol)


def _recorded(folder: Path) -> tuple[Recorded, ...]:
    from ccproxy.record.reading import SessionError, find_sessions, read_session  # noqa: PLC0415  (only here)

    try:
        sessions = tuple(read_session(each) for each in find_sessions([folder]))
    except SessionError as error:
        raise LookupError(str(error)) from error
    if not sessions:
        raise LookupError(f"there is no session.yaml at or below {folder}")
    return sessions


def _checked(model: Path) -> Path:
    if not is_available():
        raise LookupError("a local model needs the library of `pip install 'ccproxy[local]'`")
    if not model.is_file():
        raise LookupError(f"there is no model file {model}")
    return model


__all__ = ["Embedded", "embedded_config", "find_embedded", "free_port", "start_model", "start_sessions"]
