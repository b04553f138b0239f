"""Runs the examples that quirks carry, and tells what came instead of what was expected."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import orjson

from ccproxy.conversion.context import Context
from ccproxy.diagnostics.model import Diagnostic
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.compiled import generate_quirk
from ccproxy.mapping.generated import build_unit
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccproxy.diagnostics.model import Span
    from ccproxy.jsontypes import Json
    from ccproxy.mapping.generated import CompiledUnit
    from ccproxy.mapping.model import Example, Quirk, Tree


@dataclass(frozen=True, slots=True)
class Outcome:
    """A message after its edit, and what the edit reported as lost."""

    message: Json
    dropped: list[str]


def check_examples(tree: Tree, quirk: Quirk) -> Iterator[Diagnostic]:
    """Report every example that does not hold. The quirk itself must be free of mistakes."""
    if not quirk.examples:
        return
    unit = build_unit(generate_quirk(quirk, tree.tables), lambda value: value)
    for example in quirk.examples:
        if problem := _check(tree, quirk, example, unit):
            yield problem


def _check(tree: Tree, quirk: Quirk, example: Example, unit: CompiledUnit) -> Diagnostic | None:
    edit = unit.get(example.kind)
    if edit is None:
        return _failure(example, f"quirk `{quirk.name}` has no `{example.kind}:` that this could test", "")
    context = _context(tree, quirk, example)
    try:
        message = edit(example.given, context)
    except Rejection as rejection:
        message = {"$reject": cast("Json", rejection.error)}
    except Exception as accident:  # an example shows what an edit does, even when it breaks
        return _failure(example, f"the edit fails: {accident}", "")
    outcome = Outcome(message, list(dict.fromkeys(label for label, _ in context.dropped)))
    return _compare(example, outcome)


def _compare(example: Example, outcome: Outcome) -> Diagnostic | None:
    wanted = example.node.get("dropped")
    dropped = to_json(wanted) if wanted is not None else None
    if outcome.message != example.expect:
        return _failure(example, "the edit gives something else than `expect:`", _diff(example.expect, outcome.message))
    if dropped is not None and dropped != outcome.dropped:
        note = _diff(dropped, cast("Json", outcome.dropped))
        return _failure(example, "the edit reports other losses than `dropped:`", note)
    return None


def _context(tree: Tree, quirk: Quirk, example: Example) -> Context:
    """What the edit sees of its surroundings: the example's own words, else the first backend the quirk is for."""
    protocol = next((name for name in quirk.applies_to.get("protocol", ()) if name in tree.folders), "")
    declared = tree.folders[protocol].facts.get("capabilities") if protocol else None
    capabilities = {**(declared if isinstance(declared, dict) else {}), **quirk.capabilities}
    target: dict[str, Json] = {"protocol": protocol, "model": "", "capabilities": cast("Json", capabilities)}
    own = _object(example, "target")
    more = own.pop("capabilities", None)
    target |= own
    if isinstance(more, dict):
        target["capabilities"] = {**capabilities, **more}
    context = Context({}, protocol, target, 0)
    context.model = str(target["model"])
    context.unified = _object(example, "unified")
    return context


def _object(example: Example, key: str) -> dict[str, Json]:
    node = example.node.get(key)
    value = to_json(node) if node is not None else None
    return dict(value) if isinstance(value, dict) else {}


def _failure(example: Example, what: str, note: str) -> Diagnostic:
    return Diagnostic(
        "E501",
        f"example fails: {what}",
        _place(example),
        label="this example does not hold",
        help="correct the edit, or the example",
        note=note,
    )


def _place(example: Example) -> Span:
    entry = example.node.entry("expect")
    return entry.key.span if entry else example.node.span


def _diff(expected: Json, actual: Json) -> str:
    lines = difflib.unified_diff(_lines(expected), _lines(actual), "expected", "actual", lineterm="", n=2)
    return "\n".join(line for line in lines if not line.startswith("@@"))


def _lines(value: Json) -> list[str]:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode().splitlines()
