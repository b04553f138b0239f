"""The `access:` section: keys that clients present. Only digests stay in memory."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from hashlib import sha256
from typing import TYPE_CHECKING

from ccproxy.config.groups import report_unknown_group
from ccproxy.config.model import AccessKey
from ccproxy.config.section import Section
from ccproxy.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from ccproxy.config.section import Reading
    from ccproxy.yamltree.nodes import Node


def read_access(section: Section, groups: Collection[str], reading: Reading) -> tuple[AccessKey, ...]:
    """Read each key, given as text or as a digest with limits."""
    keys = section.section("keys")
    found = [_read_key(name, node, groups, reading) for name, node in keys.entries()]
    section.finish()
    return tuple(key for key in found if key is not None)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read_key(name: str, node: Node, groups: Collection[str], reading: Reading) -> AccessKey | None:
    if not isinstance(node, MapNode):
        token = reading.text(node, f"access.keys.{name}")
        return AccessKey(name, sha256(token.encode()).digest()) if token else None
    entry = Section(reading, node, f"access.keys.{name}")
    token, digest, allowed = entry.text("key"), entry.text("sha256"), entry.texts("groups")
    entry.finish()
    for group in allowed:
        if group not in groups:
            report_unknown_group(group, node.get("groups") or node, groups, reading)
    if token:
        return AccessKey(name, sha256(token.encode()).digest(), allowed)
    if digest is None or not _is_digest(digest):
        reading.report("S205", f"`access.keys.{name}` needs `sha256` with 64 hexadecimal digits", node, label="no key")
        return None
    return AccessKey(name, bytes.fromhex(digest), allowed)


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdefABCDEF" for letter in text)
