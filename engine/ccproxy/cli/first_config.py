"""The text of a first configuration, with remarks: every provider that was found, and aliases for its models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.config.model import DEFAULT_GROUP, SAME_MODEL

if TYPE_CHECKING:
    from ccproxy.cli.discovery import Discovery
    from ccproxy.config.presets import Preset


@dataclass(frozen=True, slots=True)
class Chosen:
    """One provider of the new configuration; without a variable it needs no key."""

    preset: Preset
    variable: str | None
    models: tuple[str, ...] = ()

    @property
    def usual_model(self) -> str:
        """The model for names that nobody else claims; `*` passes them on as they are."""
        chats = [name for name in self.models if "embed" not in name.lower()]
        return self.preset.default_model or next(iter(chats), SAME_MODEL)


def first_config(found: Discovery, port: int, usual_port: int, reserved: frozenset[str]) -> str:
    """Return the text of the file. No value of a variable is in it."""
    chosen = [Chosen(preset, variable) for variable, preset in found.keyed.items()]
    chosen += [Chosen(server.preset, None, server.models) for server in found.servers]
    return "\n".join([*_head(port, usual_port), *_providers(chosen), *_groups(chosen, reserved), *_tail()]) + "\n"


def _head(port: int, usual_port: int) -> Iterator[str]:
    yield "# Written by `ccproxy init` for what this machine has. `ccproxy validate` checks changes, `ccproxy doctor`"
    yield "# everything. A running proxy reads this file again when it is saved."
    yield "server:"
    yield "  host: 127.0.0.1               # other addresses need access keys"
    yield f"  port: {port}{'' if port == usual_port else f'                   # {usual_port} is taken'}"
    yield ""
    yield "# Keys that clients present; without any, every program on this machine may ask."
    yield "# `ccproxy keys add NAME` makes one."
    yield ""


def _providers(chosen: Sequence[Chosen]) -> Iterator[str]:
    yield "# Presets of these names know address, protocol, limits and prices. $NAME is read from the environment,"
    yield "# or from a .env file beside this one; several keys are used in turn."
    yield "providers:"
    for each in chosen:
        yield f"  # {each.preset.title}"
        if each.variable is None:
            yield f"  {each.preset.name}: {{}}                    # answered at {each.preset.base_url}"
        else:
            yield f"  {each.preset.name}:"
            yield f"    keys: [${each.variable}]"
    yield ""


def _groups(chosen: Sequence[Chosen], reserved: frozenset[str]) -> Iterator[str]:
    yield "# What clients ask for, and who answers: exact names beat patterns, longer patterns beat shorter ones."
    yield "# Several targets, `[one/model, other/model]`, take turns and stand in for each other."
    yield "groups:"
    yield f"  {DEFAULT_GROUP}:"
    yield "    aliases:"
    aliases: dict[str, str] = {}
    for each in chosen:
        for name, target in _own_aliases(each).items():
            aliases.setdefault(name, target)
    aliases.setdefault(SAME_MODEL, f"{chosen[0].preset.name}/{chosen[0].usual_model}")
    yield from _alias_lines(aliases)
    if len(chosen) < 2:
        return
    yield "  # One group for each provider: http://…/NAME, or the model name NAME@model"
    for each in chosen:
        if each.preset.name not in reserved | {DEFAULT_GROUP}:
            yield f"  {each.preset.name}:"
            yield "    aliases:"
            yield from _alias_lines(_own_aliases(each) | {SAME_MODEL: f"{each.preset.name}/{each.usual_model}"})


def _own_aliases(chosen: Chosen) -> dict[str, str]:
    """Return the provider's own names; each means itself there."""
    name = chosen.preset.name
    patterns = dict.fromkeys(chosen.preset.models, f"{name}/{SAME_MODEL}")
    return patterns | {model: f"{name}/{model}" for model in chosen.models}


def _alias_lines(aliases: dict[str, str]) -> Iterator[str]:
    for name, target in aliases.items():
        yield f"      {json.dumps(name)}: {json.dumps(target)}"


def _tail() -> Iterator[str]:
    yield f"active_group: {DEFAULT_GROUP}            # what /switch/… means; `ccproxy groups use NAME` changes it"
    yield ""
    yield "resilience:"
    yield "  retries: 2                    # further keys or targets to try after a failure"
    yield "  cooldown: 60s                 # rest of a key that was refused for too many requests"
    yield ""
    yield "state: sqlite:///ccproxy.db     # usage and limits; `ccproxy usage` shows them"
