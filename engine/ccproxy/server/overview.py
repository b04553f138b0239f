"""What the index page tells, as values: endpoints by group, targets and how they are, settings of clients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Final
from urllib.parse import quote as percent

from ccproxy.config.model import DEFAULT_GROUP, SAME_MODEL
from ccproxy.config.recipes import Filling, Recipe, build_recipes, fill_text
from ccproxy.routing.router import SWITCH

if TYPE_CHECKING:
    from ccproxy.config.model import Config, Group, Provider
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.server.version import Version
    from ccproxy.server.visitors import Visitor

MCP_PATH: Final = "/mcp/http"
ANY_MODEL: Final = "MODEL"
_WORDS: Final = re.compile(r"\{\w+=([^|}]+)[^}]*\}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one protocol is spoken: its chat, and whatever else it can be asked."""

    protocol: str
    method: str
    address: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TargetState:
    """A target and how it is; `well` unless all of it rests."""

    name: str
    state: str
    well: bool


@dataclass(frozen=True, slots=True)
class AliasState:
    """A name that clients ask for, and who answers."""

    pattern: str
    targets: tuple[TargetState, ...]


@dataclass(frozen=True, slots=True)
class GroupPart:
    """One group, or the name under which the active one goes."""

    name: str
    note: str
    base: str
    endpoints: tuple[Endpoint, ...]
    aliases: tuple[AliasState, ...]


@dataclass(frozen=True, slots=True)
class ClientPart:
    """Settings of one client: lines for a shell, fields for its settings page, advice."""

    name: str
    title: str
    shell: str
    fields: Mapping[str, str]
    command: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole page; `is_open` tells whether no keys are needed, `sees_details` whether groups are told."""

    root: str
    number: int
    since: float
    is_open: bool
    sees_details: bool
    groups: tuple[GroupPart, ...]
    clients: tuple[ClientPart, ...]
    mcp: str


def build_overview(version: Version, visitor: Visitor, root: str) -> Overview:
    """Return what somebody may see of a version."""
    config = version.config
    protocols = list(version.tools.engine.protocols.values())
    resting = version.tools.health.resting()
    shown = [group for group in config.groups.values() if not visitor.groups or group.name in visitor.groups]
    parts = [_group_part(group, config, protocols, resting, root) for group in shown if visitor.sees_details]
    if visitor.sees_details and any(group.name == config.active_group for group in shown):
        base = f"{root}/{SWITCH}"
        parts.append(GroupPart(SWITCH, f"the active group, now {config.active_group}", base, _at(base, protocols), ()))
    if not parts:
        parts = [GroupPart(DEFAULT_GROUP, "", root, _at(root, protocols), ())]
    key = "YOUR_KEY" if config.access else "any"
    filling = Filling(root, key, DEFAULT_GROUP, ANY_MODEL, root + MCP_PATH)
    recipes = build_recipes(version.tools.engine.clients).values()
    clients = tuple(_client_part(recipe, filling) for recipe in recipes)
    mcp = root + MCP_PATH if config.mcp.enabled else ""
    return Overview(
        root, version.number, version.since, not config.access, visitor.sees_details, tuple(parts), clients, mcp
    )


def _group_part(
    group: Group, config: Config, protocols: Sequence[Protocol], resting: Mapping[str, float], root: str
) -> GroupPart:
    is_default = group.name == DEFAULT_GROUP
    base = root if is_default else f"{root}/{percent(group.name, safe='')}"
    note = f"falls back to {group.fallback_group}" if group.fallback_group else ""
    aliases = tuple(
        AliasState(
            alias.pattern,
            tuple(
                _target(config.providers.get(target.provider), target.provider, target.model, resting)
                for target in alias.targets
            ),
        )
        for alias in group.aliases
    )
    return GroupPart(group.name, note, base, _at(base, protocols), aliases)


def _at(base: str, protocols: Sequence[Protocol]) -> tuple[Endpoint, ...]:
    return tuple(endpoint for protocol in protocols for endpoint in _endpoints(base, protocol))


def _endpoints(base: str, protocol: Protocol) -> Iterator[Endpoint]:
    routes = [(operation, *route) for operation in protocol.operations.values() for route in operation.routes]
    chats = [(method, path) for operation, method, path in routes if operation.is_chat]
    if chats:
        method, path = chats[0]
        others = tuple(f"{verb.upper()} {base}{_plain(at)}" for _, verb, at in routes if (verb, at) != chats[0])
        yield Endpoint(protocol.title, method.upper(), base + _plain(path), others)


def _plain(path: str) -> str:
    """Return a path for people: the first of the words that may stand in a place."""
    return _WORDS.sub(r"\1", path)


def _target(provider: Provider | None, name: str, model: str, resting: Mapping[str, float]) -> TargetState:
    """Return how a target is: one of several keys may rest while the others answer."""
    shown = f"{name}/{'same name' if model == SAME_MODEL else model}"
    if provider is None:
        return TargetState(shown, "no such provider", False)
    whole = resting.get(f"target {name} {model}")
    if whole is not None:
        return TargetState(shown, f"rests for {whole:.0f} s", False)
    tired = [
        seconds
        for who, seconds in resting.items()
        if who.startswith(f"key {name} ") or (who.startswith(f"turn {name} ") and who.endswith(f" {model}"))
    ]
    keys = max(1, len(provider.keys))
    if len(tired) >= keys:
        return TargetState(shown, f"rests for {min(tired):.0f} s", False)
    return TargetState(shown, f"{len(tired)} of {keys} keys rest" if tired else "ready", True)


def _client_part(recipe: Recipe, filling: Filling) -> ClientPart:
    lines = [f"unset {name}" for name in recipe.unset]
    lines += [f"export {name}={quote(fill_text(text, filling))}" for name, text in recipe.env.items()]
    fields = {name: fill_text(text, filling) for name, text in recipe.settings.items()}
    shell = "\n".join([*lines, recipe.command]) if lines and recipe.command else "\n".join(lines)
    command = f"ccproxy env {recipe.name} --settings" if recipe.files else ""
    return ClientPart(recipe.name, recipe.title, shell, fields, command, recipe.notes)
