"""A trace as a text that lives through edits elsewhere in the mappings: rules by their words, not their numbers."""

from __future__ import annotations

from ccproxy.trace.alignment import value_at
from ccproxy.trace.json_form import histories


def outline(trace, files):
    """Every stage, every field that a rule or the engine wrote, and what was lost."""
    lines = []
    for number, stage in enumerate(trace.stages):
        step = f", event {stage.step}" if stage.step else ""
        lines.append(f"{number} {stage.title}{step}" + ("" if stage.origin is None else f", from {stage.origin}"))
        for pointer, field in histories(stage):
            lines.append(f"  {pointer or '/'}{_value(stage, pointer)}  {_writer(field, files)}{_read(field)}")
        lines += [f"  dropped {drop.field}: {drop.reason}{_said(drop.place, files)}" for drop in stage.drops]
    return "\n".join([*lines, f"ended: {trace.failure}"] if trace.failure else lines) + "\n"


def _value(stage, pointer):
    path = tuple(int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
    value = value_at(stage.document, path)
    return "" if isinstance(value, dict | list) else f" = {value!r}"


def _writer(field, files):
    return f"{files.name(field.place)}{_said(field.place, files)}" if field.place else field.by or "as it was"


def _said(place, files):
    """The words of a rule."""
    if place is None:
        return ""
    line = dict(files.frame(place)).get(place.line, "")
    return f" `{line[place.column - 1 : place.end_column - 1].strip()}`"


def _read(field):
    told = ""
    if field.sources:
        told += (" = " if field.copied else " <- ") + ", ".join(f"{each.stage}:{each}" for each in field.sources)
    if field.conditions:
        told += " if " + ", ".join(f"{each.stage}:{each}" for each in field.conditions)
    return told
