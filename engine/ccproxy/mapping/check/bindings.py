"""`$let` names that nothing reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.diagnostics.model import Diagnostic
from ccproxy.mapping import template as t
from ccproxy.mapping.analysis import free_variables

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_bindings(template: t.Template) -> Iterator[Diagnostic]:
    """Report every name that is bound for nothing."""
    for each in t.walk(template):
        if isinstance(each, t.Let):
            for position, binding in enumerate(each.bindings):
                if not _is_read(each, position):
                    yield Diagnostic(
                        "M415",
                        f"unused name `{binding.key}`",
                        binding.node.span,
                        label="nothing reads it",
                        help="delete it",
                    )


def _is_read(let: t.Let, position: int) -> bool:
    name = let.bindings[position].key
    for later in let.bindings[position + 1 :]:
        if name in free_variables(later.value, frozenset()):
            return True
        if later.key == name:
            return False
    return name in free_variables(let.body, frozenset())
