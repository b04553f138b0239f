"""Access keys that are one and the same, and groups that no key opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.config.checks.known import Checking
    from ccproxy.config.model import Group
    from ccproxy.yamltree.nodes import Node


def check_access(checking: Checking) -> None:
    """Check the keys of clients."""
    nodes = {entry.name: entry.key for entry in checking.entries("access", "keys")}
    seen: dict[bytes, Node] = {}
    for key in checking.config.access:
        node = nodes.get(key.name)
        if node is None:
            continue
        if key.digest in seen:
            checking.report(
                "C615",
                f"the access key `{key.name}` is the same as another",
                node,
                "only the first of them counts",
                "warning",
                (seen[key.digest], "first here"),
                help="give each client a key of its own: `ccproxy keys add NAME`",
            )
        seen.setdefault(key.digest, node)
    _check_groups(checking)


def _check_groups(checking: Checking) -> None:
    access, groups = checking.config.access, checking.config.groups
    if not access or any(not key.groups for key in access):
        return
    opened = {name for key in access for group in key.groups for name in _with_fallbacks(group, groups)}
    for entry in checking.entries("groups"):
        if entry.name not in opened:
            checking.report(
                "C617",
                f"nobody can reach the group `{entry.name}`",
                entry.key,
                "no access key may use it, and no group that one may use falls back to it",
                "warning",
                help="name it in the `groups` of a key",
            )


def _with_fallbacks(group: str, groups: Mapping[str, Group]) -> set[str]:
    found: set[str] = set()
    at: str | None = group
    while at is not None and at in groups and at not in found:
        found.add(at)
        at = groups[at].fallback_group
    return found
