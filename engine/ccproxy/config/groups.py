"""The `groups:` section: aliases and their targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ccproxy.config.model import Alias, Group, Target
from ccproxy.config.policies import PolicySettings, build_policy, read_policy_settings
from ccproxy.config.section import Section
from ccproxy.diagnostics.suggest import closest, quoted_list
from ccproxy.yamltree.nodes import ListNode, MapNode, Node

if TYPE_CHECKING:
    from ccproxy.config.section import Reading


def read_groups(section: Section, providers: Collection[str], reading: Reading) -> dict[str, Group]:
    """Read each group."""
    groups = {}
    for name, entry in section.sections():
        aliases, strict = entry.section("aliases"), entry.flag("strict", False)
        settings = read_policy_settings(entry, reading)
        groups[name] = Group(
            name=name,
            aliases=tuple(
                Alias(
                    pattern=pattern,
                    targets=tuple(_targets(node, providers, reading)),
                    strict=strict,
                    policy=build_policy(settings, _own_settings(node, pattern, reading)),
                )
                for pattern, node in aliases.entries()
            ),
            fallback_group=entry.text("fallback_group"),
            description=entry.text("description") or "",
        )
        entry.finish()
    _check_fallbacks(groups, section, reading)
    return groups


def check_group_names(section: Section, reserved: Collection[str], reading: Reading) -> None:
    """Report groups whose paths lead elsewhere, since a protocol's route or a page of the proxy comes first."""
    for entry in section.node.entries if section.node else ():
        if entry.name in reserved or "/" in entry.name:
            reading.report(
                "S205",
                f"`{entry.name}` cannot be the name of a group",
                entry.key,
                label="paths that begin with this lead elsewhere",
                help="choose another name",
            )


def _own_settings(node: Node, pattern: str, reading: Reading) -> PolicySettings:
    """Read what an alias sets beside its targets."""
    if not isinstance(node, MapNode) or "targets" not in node:
        return PolicySettings()
    entry = Section(reading, node, f"aliases.{pattern}")
    entry.get("targets")
    settings = read_policy_settings(entry, reading)
    entry.finish()
    return settings


def _targets(node: Node, providers: Collection[str], reading: Reading) -> list[Target]:
    """Read one target, a list of them, or a mapping with `targets:`."""
    if isinstance(node, MapNode) and "targets" in node:
        node = node.get("targets") or node
    items = node.items if isinstance(node, ListNode) else (node,)
    found = [_target(item, providers, reading) for item in items]
    return [target for target in found if target is not None]


def _target(node: Node, providers: Collection[str], reading: Reading) -> Target | None:
    if isinstance(node, MapNode):
        return _long_target(node, providers, reading)
    text = reading.text(node, "a target")
    if text is None:
        return None
    provider, slash, model = text.partition("/")
    if not slash or not model:
        reading.report("S205", f"`{text}` is not a target", node, label="no model", help="write `provider/model`")
        return None
    return _known(Target(provider, model), node, providers, reading)


def _long_target(node: MapNode, providers: Collection[str], reading: Reading) -> Target | None:
    entry = Section(reading, node, "a target")
    provider, model = entry.text("provider"), entry.text("model")
    weight = entry.integer("weight", 1, 1, 1000) if "weight" in node else None
    entry.finish()
    if not provider or not model:
        reading.report("S202", "a target needs `provider` and `model`", node, label="incomplete")
        return None
    return _known(Target(provider, model, weight), node.get("provider") or node, providers, reading)


def _known(target: Target, node: Node, providers: Collection[str], reading: Reading) -> Target:
    if target.provider not in providers:
        reading.report(
            "C601",
            f"unknown provider `{target.provider}`",
            node,
            label="`providers:` has no such name",
            note=f"providers are {quoted_list(sorted(providers), 'and')}" if providers else "",
            suggestion=closest(target.provider, providers) or "",
        )
    return target


def _check_fallbacks(groups: Mapping[str, Group], section: Section, reading: Reading) -> None:
    for name, group in groups.items():
        node = section.node.get(name) if section.node else None
        place = node.get("fallback_group") if isinstance(node, MapNode) else None
        if place is None or group.fallback_group is None:
            continue
        if group.fallback_group not in groups:
            report_unknown_group(group.fallback_group, place, groups, reading)
        elif _comes_back(name, groups):
            reading.report("C610", f"the fallback of group `{name}` leads back to it", place, label="a circle")


def _comes_back(name: str, groups: Mapping[str, Group]) -> bool:
    seen = {name}
    at = groups[name].fallback_group
    while at is not None and at in groups and at not in seen:
        seen.add(at)
        at = groups[at].fallback_group
    return at == name


def report_unknown_group(name: str, node: Node, groups: Collection[str], reading: Reading) -> None:
    """Report a name that `groups:` does not define."""
    reading.report(
        "C607",
        f"unknown group `{name}`",
        node,
        label="`groups:` has no such name",
        note=f"groups are {quoted_list(sorted(groups), 'and')}" if groups else "",
        suggestion=closest(name, groups) or "",
    )
