"""Provider presets: what is known of a provider before a user says anything (mappings/providers/*.yaml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ccproxy.config.model import Timeouts
from ccproxy.config.section import Reading, Section
from ccproxy.yamltree.loader import load_yaml

if TYPE_CHECKING:
    from ccproxy.diagnostics.model import Diagnostic


@dataclass(frozen=True, slots=True)
class Preset:
    """Facts about a provider; `role` marks the two that ccproxy itself can start."""

    name: str
    title: str
    protocol: str
    base_url: str
    key_variable: str | None = None
    role: str | None = None
    default_model: str | None = None
    models: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=Timeouts)
    quirks: tuple[str, ...] = ()


def load_presets(folders: Iterable[Path]) -> tuple[dict[str, Preset], list[Diagnostic]]:
    """Load the presets of all mapping folders, later folders laid over earlier ones."""
    presets: dict[str, Preset] = {}
    problems: list[Diagnostic] = []
    for folder in folders:
        for file in sorted((folder / "providers").glob("*.yaml")):
            node, found = load_yaml(file)
            problems += found
            if node is not None:
                reading = Reading({})
                preset = read_preset(Section(reading, node, ""), file.stem)
                presets[preset.name] = preset
                problems += reading.problems
    return presets, problems


def read_preset(section: Section, stem: str) -> Preset:
    """Read one preset; keys that later parts of ccproxy read are left to them."""
    return Preset(
        name=section.text("provider") or stem,
        title=section.text("title") or stem,
        protocol=section.text("protocol") or "",
        base_url=section.text("base_url") or "",
        key_variable=section.text("key_variable"),
        role=section.text("role"),
        default_model=section.text("default_model"),
        models=section.texts("models"),
        headers=section.text_map("headers"),
        timeouts=read_timeouts(section.section("timeouts"), Timeouts()),
        quirks=section.texts("quirks"),
    )


def read_timeouts(section: Section, default: Timeouts) -> Timeouts:
    """Read `timeouts:`; what it leaves out keeps its default."""
    timeouts = Timeouts(
        connect_s=section.duration("connect", default.connect_s),
        first_byte_s=section.duration("first_byte", default.first_byte_s),
        idle_s=section.duration("idle", default.idle_s),
    )
    section.finish()
    return timeouts
