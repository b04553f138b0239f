"""Provider presets: what is known of a provider before a user says anything (mappings/providers/*.yaml).

The files are checked and read with all other mappings; here they become values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.config.model import Timeouts
from ccproxy.config.units import parse_duration

if TYPE_CHECKING:
    from ccproxy.config.section import Section
    from ccproxy.jsontypes import Json


@dataclass(frozen=True, slots=True)
class Preset:
    """Facts about a provider; `role` marks the one that ccproxy itself can start."""

    name: str
    title: str
    protocol: str
    base_url: str
    key_variables: tuple[str, ...] = ()
    role: str | None = None
    default_model: str | None = None
    models: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=Timeouts)
    quirks: tuple[str, ...] = ()


def build_presets(providers: Mapping[str, Mapping[str, Json]]) -> dict[str, Preset]:
    """Return the presets by name, in the order of their names."""
    return {name: build_preset(name, providers[name]) for name in sorted(providers)}


def build_preset(name: str, facts: Mapping[str, Json]) -> Preset:
    """Return one preset; keys that other parts of ccproxy read are left to them."""
    return Preset(
        name=name,
        title=_text(facts.get("title")) or name,
        protocol=_text(facts.get("protocol")) or "",
        base_url=_text(facts.get("base_url")) or "",
        key_variables=tuple(
            name for name in (_text(facts.get("key_variable")), *_texts(facts.get("other_key_variables"))) if name
        ),
        role=_text(facts.get("role")),
        default_model=_text(facts.get("default_model")),
        models=_texts(facts.get("models")),
        headers=_text_map(facts.get("headers")),
        timeouts=_timeouts(_text_map(facts.get("timeouts"))),
        quirks=_texts(facts.get("quirks")),
    )


def read_timeouts(section: Section, default: Timeouts) -> Timeouts:
    """Read `timeouts:` of a configuration; what it leaves out keeps its default."""
    timeouts = Timeouts(
        connect_s=section.duration("connect", default.connect_s),
        first_byte_s=section.duration("first_byte", default.first_byte_s),
        idle_s=section.duration("idle", default.idle_s),
    )
    section.finish()
    return timeouts


def _timeouts(texts: Mapping[str, str]) -> Timeouts:
    named = {f"{name}_s": seconds for name, text in texts.items() if (seconds := parse_duration(text)) is not None}
    return Timeouts(**named)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _text_map(value: Json) -> dict[str, str]:
    return {name: str(text) for name, text in value.items()} if isinstance(value, dict) else {}
