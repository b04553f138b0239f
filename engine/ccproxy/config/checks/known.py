"""What a configuration is checked against: its own values and nodes, presets, quirks, retired models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.yamltree.nodes import ListNode, MapNode

if TYPE_CHECKING:
    from ccproxy.config.model import Config, Provider
    from ccproxy.diagnostics.model import Severity
    from ccproxy.jsontypes import Json
    from ccproxy.yamltree.nodes import Entry, Node


@dataclass(frozen=True, slots=True)
class Known:
    """Facts of the mappings: what presets say, and the names of quirks."""

    presets: Mapping[str, Mapping[str, Json]]
    quirks: Collection[str]


@dataclass(slots=True)
class Checking:
    """One configuration under examination, and the problems found."""

    root: MapNode
    config: Config
    known: Known
    variables: Mapping[str, str]
    problems: list[Diagnostic] = field(default_factory=list)

    def report(
        self,
        code: str,
        message: str,
        node: Node,
        label: str,
        severity: Severity = "error",
        related: tuple[Node, str] | None = None,
        **more: str,
    ) -> None:
        """Add a problem at a node, with a second place that explains it."""
        also = (Related(related[0].span, related[1]),) if related else ()
        self.problems.append(Diagnostic(code, message, node.span, label=label, severity=severity, related=also, **more))

    def entries(self, *path: str) -> tuple[Entry, ...]:
        """Return the entries of a mapping below the root; none where there is no mapping."""
        node: Node | None = self.root
        for step in path:
            node = node.get(step) if isinstance(node, MapNode) else None
        return node.entries if isinstance(node, MapNode) else ()


def items_of(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list, or the one that stands in its place."""
    if node is None:
        return ()
    return node.items if isinstance(node, ListNode) else (node,)


@dataclass(frozen=True, slots=True)
class Retirement:
    """Models that a provider does not answer any more."""

    since: str
    instead: str


def retirement_of(provider: Provider, model: str, presets: Mapping[str, Mapping[str, Json]]) -> Retirement | None:
    """Return what the preset of a provider's name or address says of a model that is gone."""
    for entry in _retired(_preset_of(provider, presets), presets):
        globs = entry.get("models")
        if any(fnmatchcase(model, str(glob)) for glob in (globs if isinstance(globs, list) else [globs])):
            return Retirement(str(entry.get("since")), str(entry.get("instead") or ""))
    return None


def _preset_of(provider: Provider, presets: Mapping[str, Mapping[str, Json]]) -> Mapping[str, Json]:
    if provider.name in presets:
        return presets[provider.name]
    host = urlsplit(provider.base_url).netloc
    return next((preset for preset in presets.values() if urlsplit(str(preset.get("base_url"))).netloc == host), {})


def _retired(preset: Mapping[str, Json], presets: Mapping[str, Mapping[str, Json]]) -> Iterator[Mapping[str, Json]]:
    listed = preset.get("retired") or presets.get(str(preset.get("facts_of")), {}).get("retired")
    yield from (entry for entry in (listed if isinstance(listed, list) else []) if isinstance(entry, dict))
