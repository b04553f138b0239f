"""A trace as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.trace.model import places, pointer_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.trace.files import Files
    from ccproxy.trace.model import Drop, Field, Source, Stage, Trace

FORMAT = 1


def trace_json(trace: Trace, files: Files) -> JsonObject:
    """The whole trace. Of what was copied whole, only the outermost place is told of."""
    return {
        "trace": FORMAT,
        "title": trace.title,
        "facts": dict(trace.facts),
        "failure": trace.failure or None,
        "stages": [_stage(number, stage, files) for number, stage in enumerate(trace.stages)],
    }


def _stage(number: int, stage: Stage, files: Files) -> JsonObject:
    told: JsonObject = {
        "stage": number,
        "name": stage.name,
        "title": stage.title,
        "origin": stage.origin,
        "attempt": stage.attempt or None,
        "step": stage.step or None,
    }
    fields: JsonObject = {pointer: _field(field, files) for pointer, field in histories(stage)}
    drops: list[Json] = [_drop(drop, files) for drop in stage.drops]
    kept: JsonObject = {name: value for name, value in told.items() if value is not None}
    return {**kept, "document": stage.document, "fields": fields, "drops": drops}


def histories(stage: Stage) -> Iterator[tuple[str, Field]]:
    """Every place that has a history of its own, by its pointer."""
    whole: list[tuple[str | int, ...]] = []
    for path in places(stage.document):
        if any(path[: len(outer)] == outer for outer in whole[-1:]) and path not in stage.fields:
            continue
        found = stage.field(path)
        if found is not None:
            yield pointer_of(path), found
            if found.copied:
                whole.append(path)


def _field(field: Field, files: Files) -> JsonObject:
    told: JsonObject = {
        "place": _place(field.place, files) if field.place else None,
        "by": field.by or None,
        "sources": [_source(source) for source in field.sources],
        "copied": field.copied or None,
        "conditions": [_source(source) for source in field.conditions] or None,
        "via": [_place(span, files) for span in field.via] or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _source(source: Source) -> JsonObject:
    told: JsonObject = {"stage": source.stage, "variable": source.variable or None, "pointer": source.pointer}
    return {name: value for name, value in told.items() if value is not None}


def _drop(drop: Drop, files: Files) -> JsonObject:
    place: JsonObject = {"place": _place(drop.place, files)} if drop.place else {}
    return {"field": drop.field, "reason": drop.reason, **place}


def _place(span: Span, files: Files) -> JsonObject:
    return {"file": files.name(span), "line": span.line, "column": span.column}
