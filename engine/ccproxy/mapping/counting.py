"""The `counting` section of a protocol: how tokens are counted for upstreams that are not asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json


@dataclass(frozen=True, slots=True)
class Counting:
    """Tokens of words by a tokenizer, and of what stands around them; `families` have hidden prompts of their own."""

    tokenizer: str = ""
    scale: float = 1.0
    schema_scale: float = 1.0
    answer_schema: bool = True
    request: int = 0
    message: int = 0
    tools: int = 0
    tool: int = 0
    media: Mapping[str, int] = field(default_factory=dict)
    families: tuple[Family, ...] = ()

    def of(self, model: str) -> Counting:
        """The rules for one model: those of the first family that it belongs to."""
        own = next((family.own for family in self.families if family.has(model)), None)
        if own is None:
            return self
        return replace(
            self,
            request=own.get("request", self.request),
            message=own.get("message", self.message),
            tools=own.get("tools", self.tools),
            tool=own.get("tool", self.tool),
        )


@dataclass(frozen=True, slots=True)
class Family:
    """Models by patterns of their names, and the numbers that are theirs."""

    globs: tuple[str, ...]
    own: Mapping[str, int]

    def has(self, model: str) -> bool:
        return any(fnmatchcase(model, glob) for glob in self.globs)


def counting_of(facts: Mapping[str, Json]) -> Counting:
    """Read the section."""
    around = _numbers(facts)
    families = facts.get("models")
    return Counting(
        tokenizer=str(facts.get("tokenizer", "")),
        scale=_factor(facts.get("scale")),
        schema_scale=_factor(facts.get("schema_scale")),
        answer_schema=facts.get("answer_schema") is not False,
        request=around.get("request", 0),
        message=around.get("message", 0),
        tools=around.get("tools", 0),
        tool=around.get("tool", 0),
        media=_numbers(facts.get("media")),
        families=tuple(_family(entry) for entry in families if isinstance(entry, dict))
        if isinstance(families, list)
        else (),
    )


def _family(entry: Mapping[str, Json]) -> Family:
    globs = entry.get("model")
    return Family(tuple(map(str, globs)) if isinstance(globs, list) else (), _numbers(entry))


def _factor(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 1.0


def _numbers(value: Json | Mapping[str, Json]) -> Mapping[str, int]:
    known = value if isinstance(value, Mapping) else {}
    return {name: number for name, number in known.items() if isinstance(number, int) and not isinstance(number, bool)}
