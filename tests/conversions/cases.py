"""Conversion cases: folders under tests/fixtures/conversions, one `case.yaml` each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FIXTURES = Path(__file__).parents[1] / "fixtures" / "conversions"


@dataclass(frozen=True)
class Case:
    """What goes in, and what must come out at least.

    `expect` is matched field by field: what it does not name is free. `absent` lists JSON pointers that must
    lead nowhere, `never` texts that must not occur anywhere in the output, `dropped` names of the loss report.
    """

    name: str
    source: str
    target: str
    kind: str
    given: Any
    expect: Any = None
    expect_rejection: Any = None
    absent: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    request: Any = None
    status: int = 200
    expect_status: int = 200
    quirks: tuple[str, ...] = ()
    model: str | None = None


def load_case(path: Path) -> Case:
    return case_of(path.parent.name, YAML(typ="safe").load(path))


def case_of(name: str, said: dict[str, Any]) -> Case:
    return Case(
        name=name,
        source=said["from"],
        target=said["to"],
        kind=said["kind"],
        given=said["input"],
        expect=said.get("expect"),
        expect_rejection=said.get("expect_rejection"),
        absent=tuple(said.get("absent", ())),
        never=tuple(said.get("never", ())),
        dropped=tuple(said.get("dropped", ())),
        request=said.get("request"),
        status=said.get("status", 200),
        expect_status=said.get("expect_status", 200),
        quirks=tuple(said.get("quirks", ())),
        model=said.get("model"),
    )


def all_cases() -> list[Case]:
    return [load_case(path) for path in sorted(FIXTURES.glob("*/case.yaml"))]


def like(expected: Any, actual: Any) -> Any:
    """`actual` reduced to what `expected` names, so that comparing the two shows only what matters."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: like(value, actual[key]) for key, value in expected.items() if key in actual}
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = [like(a, b) for a, b in zip(expected, actual, strict=False)]
        return pairs + actual[len(expected) :]
    return actual


def leads_somewhere(value: Any, pointer: str) -> bool:
    """Whether the pointer finds something; `*` stands for any item of a list."""
    steps = pointer.split("/")[1:]
    found = [value]
    for step in steps:
        found = [inner for item in found for inner in _inside(item, step)]
    return bool(found)


def _inside(item: Any, step: str) -> list[Any]:
    if isinstance(item, dict):
        return [item[step]] if step in item else []
    if isinstance(item, list):
        if step == "*":
            return item
        return [item[int(step)]] if step.isdigit() and int(step) < len(item) else []
    return []


def stream_bytes(events: Any, *, framing: str, names: bool, end: str | None) -> bytes:
    """Events of a case in a framing; a string stands for itself."""
    if isinstance(events, str):
        return events.encode()
    if framing == "ndjson":
        return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()
    lines = [_event(event, names=names) for event in events]
    return "".join([*lines, f"data: {end}\n\n" if end else ""]).encode()


def _event(event: Any, *, names: bool) -> str:
    name = f"event: {event['type']}\n" if names and isinstance(event, dict) and "type" in event else ""
    data = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    return f"{name}data: {data}\n\n"


def read_events(data: bytes) -> list[Any]:
    """The payloads of server-sent events, `[DONE]` and the like as text, or the lines of NDJSON."""
    if data.startswith(b"{"):
        return [json.loads(line) for line in data.splitlines()]
    payloads = [line[6:] for line in data.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(text) if text[:1] in "{[" and text != "[DONE]" else text for text in payloads]
