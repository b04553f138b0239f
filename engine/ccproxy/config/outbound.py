"""`keys:` and `http_proxy:` of a provider: which key, and by which outbound proxy its requests go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yarl import URL

from ccproxy.config.section import Section
from ccproxy.yamltree.nodes import ListNode, MapNode

if TYPE_CHECKING:
    from ccproxy.config.section import Reading
    from ccproxy.yamltree.nodes import Node

# Words in place of an address: by no proxy at all, and by the one that the environment names.
NO_PROXY: Final = "none"
SYSTEM_PROXY: Final = "system"
WAYS: Final = (NO_PROXY, SYSTEM_PROXY)


def read_keys(entry: Section, reading: Reading) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the keys, and for each the proxy that it names, empty for none."""
    node = entry.get("keys")
    items = node.items if isinstance(node, ListNode) else (node,) if node is not None else ()
    found = [_read_key(item, reading) for item in items]
    kept = [(key, proxy) for key, proxy in found if key]
    return tuple(key for key, _ in kept), tuple(proxy for _, proxy in kept)


def read_proxies(entry: Section, reading: Reading) -> tuple[str, ...]:
    """Read `http_proxy:` of a provider; of a list, keys use one after the other."""
    node = entry.get("http_proxy")
    items = node.items if isinstance(node, ListNode) else (node,) if node is not None else ()
    return tuple(_read_proxy(item, reading) for item in items)


def proxies_by_key(own: tuple[str, ...], common: tuple[str, ...]) -> tuple[str, ...]:
    """Return the proxy of each key: its own, else that of the provider in its turn, else the environment's."""
    if not any(own) and not common:
        return ()
    turns = common or (SYSTEM_PROXY,)
    return tuple(proxy or turns[index % len(turns)] for index, proxy in enumerate(own)) or turns[:1]


def _read_key(node: Node, reading: Reading) -> tuple[str, str]:
    if not isinstance(node, MapNode):
        return reading.text(node, "keys") or "", ""
    section = Section(reading, node, "keys")
    key, proxy = section.text("key"), section.get("http_proxy")
    section.finish()
    if "key" not in node:
        reading.report("S202", "an entry of `keys` needs `key`", node, label="incomplete")
    return key or "", _read_proxy(proxy, reading) if proxy is not None else ""


def _read_proxy(node: Node, reading: Reading) -> str:
    text = reading.text(node, "http_proxy") or SYSTEM_PROXY
    if text not in WAYS and not _is_address(text):
        reading.report(
            "S205",
            "an outbound proxy must be an address such as `http://host:3128`",
            node,
            label="no address",
            help="write `none` for no proxy, `system` for that of the environment",
        )
        return SYSTEM_PROXY
    return text


def _is_address(text: str) -> bool:
    try:
        url = URL(text)
    except ValueError:
        return False
    return url.scheme == "http" and bool(url.host)
