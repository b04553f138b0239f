"""Cases of a `$match` that write each other's words."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic, Related
from ccproxy.mapping import template as t
from ccproxy.mapping.check.vocabulary import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_exchanged(template: t.Match) -> Iterator[Diagnostic]:
    """Report pairs where each case's words stand in the other one and not in its own."""
    cases = [(case, words_of(case.node.text), _written(case.body)) for case in template.cases]
    for (one, mine, written), (other, theirs, written_there) in combinations(cases, 2):
        crossed = mine & written_there and theirs & written
        if crossed and not (mine & written or theirs & written_there):
            yield Diagnostic(
                "M418",
                f"the cases `{one.node.text}` and `{other.node.text}` seem to be exchanged",
                one.node.span,
                label=f"this writes what is called like `{other.node.text}`",
                help="exchange the two names",
                related=(Related(other.node.span, f"and this what is called like `{one.node.text}`"),),
            )


def _written(template: t.Template) -> set[str]:
    """The words that a template writes as they stand: itself, or the fields of its object."""
    match template:
        case t.Literal(value=str() as value):
            return words_of(value)
        case t.Object(fields=fields):
            return set().union(*(_written(entry.value) for entry in fields if isinstance(entry.value, t.Literal)))
        case _:
            return set()
