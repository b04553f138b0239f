"""Whether the examples of protocols hold, and which rule is to blame where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.conversion.example_blame import Failure, Suspects
from ccproxy.conversion.example_choice import Lines
from ccproxy.conversion.example_repairs import Exchange, find_exchange
from ccproxy.conversion.protocol_examples import (
    EXAMPLES_FILE,
    Outcome,
    ProtocolExample,
    compile_folder,
    read_examples,
    run_example,
)
from ccproxy.diagnostics.model import Diagnostic, Related, Span
from ccproxy.mapping.check.contracts import Contract
from ccproxy.mapping.check.ordering import word_order
from ccproxy.mapping.check.references import uses_of
from ccproxy.mapping.generated import unit_filename

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ccproxy.mapping.generated import CompiledUnit
    from ccproxy.mapping.model import Folder, Tree

MOST_TOLD = 5
NOTHING = Outcome(None, ())


def check_protocol_examples(tree: Tree, folder: Folder, path: Path, display: str) -> Iterator[Diagnostic]:
    """Run the examples of a folder whose files have no other mistake."""
    examples: list[ProtocolExample] = []
    for each in read_examples(path):
        if isinstance(each, int):
            yield _unreadable(display, each)
        else:
            examples.append(each)
    if not examples:
        return
    unit = compile_folder(tree, folder)
    failures = [found for each in examples if (found := _failure(unit, folder, each))]
    if failures:
        yield from _told(tree, unit, folder, examples, failures, display)


def _failure(unit: CompiledUnit, folder: Folder, example: ProtocolExample) -> Failure | None:
    outcome = run_example(unit, folder, example) or NOTHING
    if outcome == Outcome(example.expect, example.dropped):
        return None
    return Failure(example, outcome)


def _told(
    tree: Tree,
    unit: CompiledUnit,
    folder: Folder,
    examples: list[ProtocolExample],
    failures: list[Failure],
    display: str,
) -> Iterator[Diagnostic]:
    """One problem for each rule that seems to be behind some failures."""
    contract = Contract(tree, folder)

    def order(example: ProtocolExample, words: list[str]) -> list[str]:
        return word_order(contract.source(example.kind, example.direction), words)

    rules = [*folder.transforms.values(), *(part.template for part in folder.parts.values())]
    tables = [tree.tables[name] for name in sorted(uses_of(rules).names & tree.tables.keys())]
    suspects = Suspects(folder, unit.generated.places, order, tables)
    failed = {failure.example.line for failure in failures}
    for example in examples:
        with Lines(unit_filename(folder.name)) as lines:
            run_example(unit, folder, example)
        suspects.observe(example.line, lines.seen, failed=example.line in failed)
    exchange = find_exchange(tree, folder, failures, suspects)
    if exchange is not None:
        yield _exchanged(exchange, failures, len(examples), display)
        return
    for place, explained in list(suspects.ranked(failures))[:MOST_TOLD]:
        yield _problem(place, explained, len(examples), display)


def _problem(place: Span | None, failures: list[Failure], total: int, display: str) -> Diagnostic:
    first = failures[0]
    example = Span(display, first.example.line, 1, 2)
    many = f"{len(failures)} of {total} examples" if len(failures) > 1 else "an example"
    return Diagnostic(
        "E501",
        f"example fails: {first.words}",
        place or example,
        label=f"{many} of this protocol came to something else through rules here",
        help="correct the rule, or accept what it gives now: `ccproxy validate --accept FOLDER`",
        note=first.difference(),
        related=(Related(example, "the first of them"),) if place else (),
    )


def _exchanged(exchange: Exchange, failures: list[Failure], total: int, display: str) -> Diagnostic:
    example = Span(display, failures[0].example.line, 1, 2)
    return Diagnostic(
        "E501",
        f"example fails: `{exchange.one}` and `{exchange.other}` seem to be exchanged",
        exchange.first,
        label=f"with the two exchanged, {len(failures)} of {total} examples would hold again",
        help="exchange the two names",
        note=failures[0].difference(),
        related=(Related(exchange.second, "the other one"), Related(example, "the first of the examples")),
    )


def _unreadable(display: str, line: int) -> Diagnostic:
    return Diagnostic(
        "E501",
        f"line {line} of `{EXAMPLES_FILE}` is no example",
        Span(display, line, 1, 2),
        label="an example is an object with `of`, `to`, `given` and `expect`",
        help="write the file again: `ccproxy validate --accept FOLDER`",
    )
