"""The `access:` section: keys that clients present, and what each may do. Only digests stay in memory."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ccproxy.config.groups import report_unknown_group
from ccproxy.config.model import AccessKey, Budget
from ccproxy.config.section import Section
from ccproxy.config.units import parse_moment
from ccproxy.yamltree.nodes import MapNode

if TYPE_CHECKING:
    from ccproxy.config.section import Reading
    from ccproxy.yamltree.nodes import Node

PERIODS: Final = ("day", "month", "total")


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
        before = len(reading.problems)
        digest = _digest_of(reading.text(node, f"access.keys.{name}"))
        if digest is None and len(reading.problems) == before:
            _report_no_key(name, node, reading)
        return None if digest is None else AccessKey(name, digest)
    entry = Section(reading, node, f"access.keys.{name}")
    digest = _read_digest(entry, name, node, reading)
    key = AccessKey(
        name=name,
        digest=digest or b"",
        groups=entry.texts("groups"),
        expires=_read_moment(entry, reading),
        requests_per_minute=entry.integer("requests_per_minute", 0, 1) or None,
        tokens_per_minute=entry.integer("tokens_per_minute", 0, 1) or None,
        budget=_read_budget(entry, reading),
        admin=entry.flag("admin", False),
    )
    entry.finish()
    for group in key.groups:
        if group not in groups:
            report_unknown_group(group, node.get("groups") or node, groups, reading)
    return key if digest else None


def _read_digest(entry: Section, name: str, node: MapNode, reading: Reading) -> bytes | None:
    """Return the digest of the key, which stands there itself or as a digest; report when neither does."""
    before = len(reading.problems)
    token, text = entry.text("key"), entry.text("sha256")
    digest = _digest_of(token) or (bytes.fromhex(text) if text and _is_digest(text) else None)
    if digest is None and len(reading.problems) == before:
        _report_no_key(name, node, reading)
    return digest


def _report_no_key(name: str, node: Node, reading: Reading) -> None:
    """An unreadable key that went unnoticed would open the proxy to everybody."""
    needed = "needs `sha256` with 64 hexadecimal digits" if isinstance(node, MapNode) else "is empty"
    reading.report("S205", f"`access.keys.{name}` {needed}", node, label="no key")


def _read_moment(entry: Section, reading: Reading) -> float | None:
    node, text = entry.get("expires"), entry.text("expires")
    moment = parse_moment(text) if text else None
    if node is not None and moment is None:
        reading.report("S205", "`expires` must be a day such as `2027-01-31`", node, label="not a day")
    return moment


def _read_budget(entry: Section, reading: Reading) -> Budget | None:
    section = entry.section("budget")
    if section.node is None:
        return None
    per, usd, tokens = section.text("per"), section.number("usd"), section.integer("tokens", 0, 1) or None
    section.finish()
    if per not in PERIODS or (usd is None and tokens is None):
        message = "`budget` needs `usd` or `tokens`, and `per` with `day`, `month` or `total`"
        reading.report("S205", message, section.node, label="no budget")
        return None
    return Budget(per, usd, tokens)


def _digest_of(token: str | None) -> bytes | None:
    return sha256(token.encode()).digest() if token else None


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdefABCDEF" for letter in text)
