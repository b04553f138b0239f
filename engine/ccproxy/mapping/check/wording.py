"""Problems of expressions as diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic

if TYPE_CHECKING:
    from ccproxy.expr.check.problems import Problem
    from ccproxy.yamltree.nodes import ScalarNode

LABELS = {
    "X302": "no built-in, helper or table has this name",
    "X303": "nothing binds this name here",
    "X304": "wrong number of arguments",
    "X305": "the source has no such field",
    "X306": "this can never be",
}


def expression_problem(problem: Problem, node: ScalarNode) -> Diagnostic:
    """The problem at its characters in the file."""
    offset = problem.offset + 1  # the text in the file begins with `=`
    return Diagnostic(
        problem.code,
        problem.message,
        node.place(offset, problem.length),
        label=LABELS.get(problem.code, "here"),
        help=problem.help,
        where=f", character {offset + 1} of the expression",
        suggestion=_suggested(problem.help),
    )


def _suggested(help_text: str) -> str:
    """The name in a help of the form: write `name`."""
    parts = help_text.split("`")
    return parts[1] if parts[0] == "write " and len(parts) > 1 else ""
