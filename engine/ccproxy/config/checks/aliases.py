"""Aliases that nobody can reach or that nobody answers, and targets that say the same twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.config.checks.known import items_of, retirement_of
from ccproxy.config.checks.patterns import ANY_ONE, ANY_TEXT, covers
from ccproxy.yamltree.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ccproxy.config.checks.known import Checking
    from ccproxy.yamltree.nodes import Entry, Node


def check_aliases(checking: Checking, own_groups: Collection[str]) -> None:
    """Check the aliases of every group; `own_groups` are names of groups that the proxy itself has."""
    groups = {entry.name for entry in checking.entries("groups")} | set(own_groups)
    for group in checking.entries("groups"):
        aliases = checking.entries("groups", group.name, "aliases")
        for alias in aliases:
            _check_reach(checking, alias, aliases)
            _check_group_in_name(checking, alias, groups)
            _check_targets(checking, alias)


def ranked(aliases: Sequence[Entry]) -> list[Entry]:
    """Return patterns in the order in which they are tried: longer ones first, then as they are written."""
    return sorted((alias for alias in aliases if is_pattern(alias.name)), key=lambda alias: -len(alias.name))


def is_pattern(name: str) -> bool:
    """Whether a name stands for several."""
    return ANY_TEXT in name or ANY_ONE in name


def _check_reach(checking: Checking, alias: Entry, aliases: Sequence[Entry]) -> None:
    if not is_pattern(alias.name):
        return  # an exact name beats every pattern
    for other in ranked(aliases):
        if other is alias:
            return
        if covers(other.name, alias.name):
            rule = "a longer pattern is tried first" if len(other.name) > len(alias.name) else "it is written first"
            checking.report(
                "C603",
                f"no model name reaches the alias `{alias.name}`",
                alias.key,
                "every name that this matches goes to another alias",
                related=(other.key, f"to this one: {rule}"),
                help="remove one of them, or make them differ",
            )
            return


def _check_group_in_name(checking: Checking, alias: Entry, groups: Collection[str]) -> None:
    group, at, rest = alias.name.partition("@")
    if at and rest and group in groups:
        checking.report(
            "C603",
            f"no model name reaches the alias `{alias.name}`",
            alias.key,
            f"such a name asks the group `{group}` for `{rest}`",
            help=f"write the alias `{rest}` in the group `{group}`",
        )


def _check_targets(checking: Checking, alias: Entry) -> None:
    node: Node = alias.value
    if isinstance(node, MapNode) and "targets" in node:
        node = node.get("targets") or node
    items = items_of(node)
    if not items:
        said = f"nobody answers the alias `{alias.name}`"
        checking.report("C613", said, node, "no target", help="write `provider/model`")
        return
    seen: dict[tuple[str, str], Node] = {}
    for item in items:
        target = _target(item)
        if target in seen:
            checking.report(
                "C614",
                f"the target `{'/'.join(target)}` is listed twice",
                item,
                "the same again",
                "warning",
                (seen[target], "first here"),
                help="give it a weight instead: `{ provider: …, model: …, weight: 2 }`",
            )
        elif target != ("", ""):
            seen[target] = item
            _check_age(checking, target, item)


def _target(node: Node) -> tuple[str, str]:
    if isinstance(node, ScalarNode):
        provider, _, model = node.text.partition("/")
        return provider, model
    if not isinstance(node, MapNode):
        return "", ""
    parts = [node.get("provider"), node.get("model")]
    provider, model = (part.text if isinstance(part, ScalarNode) else "" for part in parts)
    return provider, model


def _check_age(checking: Checking, target: tuple[str, str], node: Node) -> None:
    provider = checking.config.providers.get(target[0])
    gone = retirement_of(provider, target[1], checking.known.presets) if provider else None
    if gone is not None:
        checking.report(
            "C619",
            f"`{target[0]}` does not answer as `{target[1]}` any more",
            node,
            f"retired on {gone.since}",
            "warning",
            suggestion=f"{target[0]}/{gone.instead}" if gone.instead and isinstance(node, ScalarNode) else "",
        )
