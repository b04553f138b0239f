"""Plays stream cases: fragments of a fixture through a sequencer."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any

from ccproxy.unified.answer_state import SequencerOptions
from ccproxy.unified.names import NameMap, ToolIdentity
from ccproxy.unified.sequencer import Sequencer

JsonDict = dict[str, Any]


def options_of(case: JsonDict) -> SequencerOptions:
    """Options of a case, over defaults that make its ids predictable."""
    said = dict(case.get("options") or {})
    numbers = count(1)
    tools = {name: ToolIdentity(**identity) for name, identity in said.pop("tools", {}).items()}
    names = NameMap(tools, frozenset(said.pop("call_ids", ())))
    if "think_tags" in said:
        said["think_tags"] = tuple(said["think_tags"])
    known: JsonDict = {"id": "answer", "model": "model", "created": 1, "new_id": lambda p: f"{p}new{next(numbers)}"}
    if "estimate" in said:
        said = {**said, "estimate": partial(int, said["estimate"])}
    return SequencerOptions(**{**known, **said, "names": names})


def sequencer_of(case: JsonDict, events: list[JsonDict]) -> Sequencer:
    return Sequencer(events.append, options_of(case))  # type: ignore[arg-type]


def events_of(case: JsonDict) -> list[JsonDict]:
    """All events of a case; the upstream closes after the last fragment."""
    events: list[JsonDict] = []
    sequencer = sequencer_of(case, events)
    play(sequencer, case["fragments"])
    sequencer.close()
    return events


def play(sequencer: Sequencer, fragments: list[JsonDict]) -> None:
    for fragment in fragments:
        if fragment == {"ping": True}:
            sequencer.ping()
        else:
            sequencer.put(fragment)
