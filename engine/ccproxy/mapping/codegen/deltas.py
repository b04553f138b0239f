"""The deltas that make up most of a stream, as functions of their fields: no event is built for them.

`stream_text(c, out)` and its like return a function of a delta's fields, which the sequencer calls instead of
`stream_from_unified` when it adds to an open block. They are the same mapping, compiled with the event's `type` and
`kind` known; what stays the same for a whole stream, such as `$head.id`, is encoded once, before that function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.expr import syntax as s

if TYPE_CHECKING:
    from ccproxy.expr.parse import Expression


# What of the engine's variables stays the same from the start of an answer on; () stands for all of it.
CONSTANT = {"head": ("id", "model", "created"), "request": (), "target": (), "source": (), "created": ()}


def is_constant(expression: Expression, variables: Mapping[str, str]) -> bool:
    """Whether an expression is a plain path into what stays the same for a whole stream."""
    path = expression.ast
    if not isinstance(path, s.Path) or any(step.stages for step in path.steps) or path.keep:
        return False
    root, *names = (step.node for step in path.steps)
    if not isinstance(root, s.Variable) or variables.get(root.name) != f"c.{root.name}":
        return False
    fields = [name.name for name in names if isinstance(name, s.Name)]
    constant = CONSTANT.get(root.name)
    return (
        constant is not None and len(fields) == len(names) and (not constant or fields[:1] in [[f] for f in constant])
    )


@dataclass(frozen=True, slots=True)
class Delta:
    """A `block_delta` event of one kind; `arguments` are Python names of its fields besides `type` and `kind`."""

    kind: str
    arguments: tuple[str, ...]

    @property
    def fields(self) -> dict[str, str]:
        """Field name to Python atom."""
        known = {"type": "'block_delta'", "kind": repr(self.kind)}
        return known | {argument.removeprefix("a_"): argument for argument in self.arguments}

    def known(self, missing: str) -> dict[str, str]:
        """Reads of the event that need not be made, for the emitter."""
        return {
            read: atom
            for field, atom in self.fields.items()
            for read in (f"v.get({field!r})", f"v.get({field!r}, {missing})")
        }

    def event(self) -> str:
        """The event as Python source, for rules that pass it on whole."""
        return "{" + ", ".join(f"{field!r}: {atom}" for field, atom in self.fields.items()) + "}"


DELTAS = {
    "stream_text": Delta("text", ("a_index", "a_text")),
    "stream_reasoning": Delta("reasoning", ("a_index", "a_text")),
    "stream_arguments": Delta("arguments", ("a_index", "a_text", "a_tool_index")),
}
