"""Providers that name quirks that there are not, repeat a key, send it unprotected, or serve nobody."""

from __future__ import annotations

import ipaddress
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from ccproxy.config.checks.known import items_of
from ccproxy.config.environment import expand
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.yamltree.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from ccproxy.config.checks.known import Checking
    from ccproxy.yamltree.nodes import Entry, Node

# Names that never leave a house or a machine.
_PRIVATE_ENDINGS: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")


def check_providers(checking: Checking) -> None:
    """Check every provider."""
    groups = checking.config.groups.values()
    used = {target.provider for group in groups for alias in group.aliases for target in alias.targets}
    for entry in checking.entries("providers"):
        _check_preset(checking, entry)
        _check_quirks(checking, entry)
        _check_keys(checking, entry)
        _check_address(checking, entry)
        if entry.name not in used and entry.name in checking.config.providers:
            checking.report(
                "C616",
                f"no alias uses the provider `{entry.name}`",
                entry.key,
                "nobody can reach this",
                "warning",
                help=f"add a target `{entry.name}/MODEL` to an alias",
            )


def is_public(url: str) -> bool:
    """Whether an address may lie beyond the own network."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host.rstrip(".") and not host.rstrip(".").endswith(_PRIVATE_ENDINGS)


def _check_preset(checking: Checking, entry: Entry) -> None:
    """Report variables that only the address of the preset names."""
    node = entry.value if isinstance(entry.value, MapNode) else None
    named = node.get("preset") if node else None
    preset = checking.known.presets.get(named.text if isinstance(named, ScalarNode) else entry.name)
    if preset is None or (node and "base_url" in node):
        return
    for variable in dict.fromkeys(name for name, _ in expand(str(preset.get("base_url")), checking.variables)[1]):
        checking.report(
            "C602",
            f"the environment has no variable `{variable}`",
            entry.key,
            "the address of its preset names it",
            help=f"set `{variable}` in the environment or in a .env file beside this one, or give `base_url`",
        )


def _check_quirks(checking: Checking, entry: Entry) -> None:
    quirks = checking.known.quirks
    for quirk in items_of(entry.value.get("quirks") if isinstance(entry.value, MapNode) else None):
        if isinstance(quirk, ScalarNode) and "$" not in quirk.text and quirk.text not in quirks:
            near = closest(quirk.text, quirks) or ""
            note = "" if near else f"some are {quoted_list(sorted(quirks)[:3], 'and')}"
            label = "mappings/quirks has no such file"
            checking.report("C611", f"unknown quirk `{quirk.text}`", quirk, label, suggestion=near, note=note)


def _check_keys(checking: Checking, entry: Entry) -> None:
    node = entry.value if isinstance(entry.value, MapNode) else None
    seen: dict[bytes, Node] = {}
    for item in items_of(node.get("keys") if node else None):
        key = item.get("key") if isinstance(item, MapNode) else item
        if not isinstance(key, ScalarNode) or key.value is None:
            continue
        text, missing = expand(key.text, checking.variables)
        if missing or not text:
            continue
        digest = sha256(text.encode()).digest()
        if digest in seen:
            checking.report(
                "C615",
                f"provider `{entry.name}` has the same key twice",
                key,
                "the same key again",
                "warning",
                (seen[digest], "first here"),
                help="remove one: it would take two turns and rest as two",
            )
        seen.setdefault(digest, key)


def _check_address(checking: Checking, entry: Entry) -> None:
    node = entry.value.get("base_url") if isinstance(entry.value, MapNode) else None
    provider = checking.config.providers.get(entry.name)
    if node is None or provider is None:
        return
    if provider.base_url.startswith("http://") and is_public(provider.base_url):
        checking.report(
            "C620",
            f"provider `{entry.name}` is reached without encryption",
            node,
            "keys and chats can be read on the way",
            "warning",
            help="write `https://`",
        )
