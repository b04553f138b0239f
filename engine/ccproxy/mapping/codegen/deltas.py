"""The deltas that make up most of a stream, as functions of their fields: no event is built for them.

The sequencer calls `stream_text(c, out, index, text)` and its like instead of `stream_from_unified` when it adds to an
open block. They are the same mapping, compiled with the event's `type` and `kind` known.
"""

from __future__ import annotations

from dataclasses import dataclass


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
