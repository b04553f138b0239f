"""Which access key a client is given: one that the configuration names and whose text is known, or the user's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from ccproxy.config.environment import expand
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import MapNode, Node, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ccproxy.config.model import AccessKey

NO_KEY_NEEDED: Final = "any"


class NoKeyError(Exception):
    """No key can be told, and why."""


def choose_key(
    asked: str | None, client: str, group: str, access: Sequence[AccessKey], known: Mapping[str, str]
) -> tuple[str, str]:
    """Return a key and what it is, for people: the asked one, else the client's, else the first that may use the group.

    `known` holds the texts of keys that the configuration does not only know by digest.
    """
    by_name = {key.name: key for key in access}
    if asked is not None and asked not in by_name:
        return asked, "the key of --key"
    if not access:
        return NO_KEY_NEEDED, "any key, since the configuration has none"
    if asked is not None:
        if asked not in known:
            raise NoKeyError(f"only the digest of the access key `{asked}` is known; give its text: --key TEXT")
        return known[asked], f"the access key `{asked}`"
    fitting = [key.name for key in access if key.name in known and (not key.groups or group in key.groups)]
    if not fitting:
        names = ", ".join(by_name)
        raise NoKeyError(f"the text of no access key for group `{group}` is known ({names}); give one: --key TEXT")
    name = client if client in fitting else fitting[0]
    return known[name], f"the access key `{name}`"


def known_keys(file: Path | None, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of access keys that a configuration holds, or that its variables hold."""
    node = load_yaml(file)[0] if file is not None else None
    for step in ("access", "keys"):
        node = node.get(step) if isinstance(node, MapNode) else None
    return dict(_told(node, variables)) if isinstance(node, MapNode) else {}


def _told(keys: MapNode, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for entry in keys.entries:
        node: Node | None = entry.value.get("key") if isinstance(entry.value, MapNode) else entry.value
        if isinstance(node, ScalarNode) and node.value is not None:
            text, missing = expand(node.text, variables)
            if text and not missing:
                yield entry.name, text
