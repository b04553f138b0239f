"""Differences of wire schemas with the mappings that they concern, as text, JSON and a table for an issue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ccproxy.jsontypes import JsonObject
from ccproxy.mapping.check.mentions import Mention, Mentions
from ccproxy.schemagen.drift import CHANGED, NEW, OPTIONAL, REMOVED, Change

SHOWN = 3  # places in one line; JSON has them all


@dataclass(frozen=True, slots=True)
class Drift:
    """A difference and the places that it concerns. `settled` where there is nothing to do for anybody."""

    change: Change
    places: tuple[Mention, ...]
    settled: bool

    def as_json(self) -> JsonObject:
        change = self.change
        return {
            "change": change.kind,
            "schema": change.schema,
            "field": change.field,
            "gained": list(change.gained),
            "lost": list(change.lost),
            "settled": self.settled,
            "mappings": [{"does": each.how, "file": each.file, "line": each.line} for each in self.places],
        }


def judge(change: Change, mentions: Mentions) -> Drift:
    """What a difference concerns. New things are settled where a mapping names them, lost ones where none does."""
    own = mentions.of_field(change.schema, change.owner, change.name)
    if change.kind == REMOVED:
        return Drift(change, tuple(own), settled=not own)
    if change.kind == NEW:
        return Drift(change, tuple(own or mentions.of_object(change.schema, change.owner)), settled=bool(own))
    words = [word.strip('"') for word in change.gained if word != OPTIONAL]
    unknown = [word for word in words if not mentions.of_word(word)]
    lost = [each for word in change.lost if word.startswith('"') for each in mentions.of_word(word.strip('"'))]
    return Drift(
        change, tuple(own or lost or mentions.of_object(change.schema, change.owner)), settled=not unknown and not lost
    )


def render_text(drifts: Sequence[Drift], failures: Mapping[str, str]) -> str:
    """A line for each difference, and one for each place below it."""
    lines = [f"additions of {protocol} no longer fit: {why}" for protocol, why in failures.items()]
    for drift in drifts:
        mark = " " if drift.settled else "!"
        lines.append(f"{mark} {drift.change.kind:8}{drift.change.schema}  {drift.change.field}{_values(drift.change)}")
        lines += [f"            {each.how} at {each.file}:{each.line}" for each in drift.places[:SHOWN]]
    open_ones = sum(not drift.settled for drift in drifts) + len(failures)
    return "\n".join([*lines, f"{len(drifts)} differences, {open_ones} that mappings do not settle", ""])


def render_json(drifts: Sequence[Drift], failures: Mapping[str, str]) -> str:
    return (
        json.dumps({"differences": [drift.as_json() for drift in drifts], "failures": dict(failures)}, indent=1) + "\n"
    )


def render_markdown(drifts: Sequence[Drift], failures: Mapping[str, str]) -> str:
    """A table for an issue; what is open has an empty box."""
    lines = [f"- [ ] additions of {protocol} no longer fit: {why}" for protocol, why in failures.items()]
    lines += ["", "| | change | message | field | values | mappings |", "|---|---|---|---|---|---|"]
    for drift in drifts:
        change = drift.change
        places = "<br>".join(f"{each.how} `{each.file}:{each.line}`" for each in drift.places[:SHOWN])
        cells = ("" if drift.settled else "**open**", change.kind, change.schema, f"`{change.field}`", _values(change))
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} | {places} |")
    return "\n".join(lines) + "\n"


def _values(change: Change) -> str:
    gained = ", ".join(change.gained)
    lost = ", ".join(change.lost)
    if change.kind == CHANGED:
        return f" {'+ ' + gained if gained else ''}{' ' if gained and lost else ''}{'- ' + lost if lost else ''}"
    return f" ({gained or lost})" if gained or lost else ""


RENDERERS = {"text": render_text, "json": render_json, "markdown": render_markdown}
