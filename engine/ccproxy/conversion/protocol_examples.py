"""Examples of a protocol's mapping: `examples.jsonl` beside its files, one message and what becomes of it on a line.

    {"of": "request", "to": "from_unified", "given": {...}, "expect": {...}, "with": {"model": "m"}, "dropped": [...]}

`with` are the engine's variables that the rules read. A stream's examples are single chunks and events.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import orjson

from ccproxy.conversion.surroundings import Fragments, Surroundings
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.compiled import generate_folder, mode_of
from ccproxy.mapping.generated import build_unit
from ccproxy.mapping.model import DIRECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.generated import CompiledUnit, Function
    from ccproxy.mapping.model import Direction, Folder, Kind, Tree

EXAMPLES_FILE = "examples.jsonl"
REJECTED = "$reject"
FAILED = "$fails"


@dataclass(frozen=True, slots=True)
class ProtocolExample:
    """One line; `line` is its number in the file."""

    kind: Kind
    direction: Direction
    given: Json
    expect: Json = None
    known: Mapping[str, Json] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a message, and what the rules say is lost of it."""

    value: Json
    dropped: tuple[str, ...]


def read_examples(path: Path) -> Iterator[ProtocolExample | int]:
    """The examples of a file; for a line that is none, its number."""
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            yield _example(line, number) or number


def _example(line: bytes, number: int) -> ProtocolExample | None:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(said, dict) or not isinstance(said.get("of"), str) or said.get("to") not in DIRECTIONS:
        return None
    known, dropped = said.get("with"), said.get("dropped")
    return ProtocolExample(
        said["of"],
        said["to"],
        said.get("given"),
        said.get("expect"),
        known if isinstance(known, dict) else {},
        tuple(str(name) for name in dropped) if isinstance(dropped, list) else (),
        number,
    )


def example_line(example: ProtocolExample) -> bytes:
    """An example as it is written."""
    said: JsonObject = {"of": example.kind, "to": example.direction, "given": example.given, "expect": example.expect}
    if example.known:
        said["with"] = dict(example.known)
    if example.dropped:
        said["dropped"] = list(example.dropped)
    return orjson.dumps(said) + b"\n"


def compile_folder(tree: Tree, folder: Folder) -> CompiledUnit:
    """The transforms of a protocol; streams write objects rather than bytes. Raises what generating raises."""
    return build_unit(generate_folder(folder, tree.tables, None), lambda value: value)


def run_example(unit: CompiledUnit, folder: Folder, example: ProtocolExample) -> Outcome | None:
    """What the rules make of an example's message; None when there are no such rules."""
    function = unit.get(f"{example.kind}_{example.direction}")
    if function is None:
        return None
    capabilities = folder.facts.get("capabilities")
    target: JsonObject = {"protocol": folder.name, "model": "", "capabilities": capabilities or {}}
    around = Surroundings(deepcopy(example.known), target)
    try:
        value = _run(function, mode_of(example.kind, example.direction), deepcopy(example.given), around)
    except Rejection as rejection:
        value = {REJECTED: cast("Json", rejection.error)}
    except Exception as accident:  # an example shows what rules do, even when they break
        value = {FAILED: f"{type(accident).__name__}: {accident}"}
    return Outcome(value, tuple(dict.fromkeys(label for label, _ in around.dropped)))


def _run(function: Function, mode: str, given: Json, around: Surroundings) -> Json:
    match mode:
        case "sink":
            fragments = Fragments()
            function(given, around, fragments)
            return fragments.said
        case "wire":
            out: list[Json] = []
            function(around, out, given)
            return out
        case _:
            return function(given, around)
