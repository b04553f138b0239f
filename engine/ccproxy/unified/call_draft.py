"""Tool calls in the making, and which call a piece of a stream belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ccproxy.jsontypes import Json
from ccproxy.unified.arguments import parse_arguments, parse_object, render_arguments
from ccproxy.unified.assignments import assign
from ccproxy.unified.drafts import Delta, Draft
from ccproxy.unified.model import Assignment, Block, Key, Piece
from ccproxy.unified.property_names import rename_arguments

WRAPPED_INPUT = "input"  # the one argument of a function that stands in for a free text tool


class CallDraft(Draft):
    """A `tool_call` block.

    `upstream_id` is the id as its upstream wrote it, before a missing or repeated one was replaced. The
    arguments of a `wrapped` call, JSON that stands for free text, and those with other names than the client's are
    withheld until they are complete. So are those that `grows` by values with their places.
    """

    __slots__ = ("grows", "index", "properties", "upstream_id", "whole", "wrapped")
    delta_kind = "arguments"

    def __init__(self, fields: Block, key: Key | None = None) -> None:
        super().__init__(fields, key)
        self.upstream_id: str | None = None
        self.whole: dict[str, Json] | None = None
        self.grows = False
        self.wrapped = False
        self.properties: Mapping[str, str] = {}
        self.index = 0

    @property
    def is_withheld(self) -> bool:
        return self.wrapped or bool(self.properties)

    @property
    def is_free_text(self) -> bool:
        """Whether the pieces are text for the tool and not JSON."""
        return self.fields.get("kind") == "custom" and not self.wrapped

    @property
    def is_ready(self) -> bool:
        return bool(self.fields["name"])

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are known to be complete; no arguments at all may still be to come."""
        if self.closed or self.ended or (self.whole is not None and not self.grows):
            return True
        return not self.is_free_text and self._ends_object() and parse_object("".join(self.pieces)) is not None

    def _ends_object(self) -> bool:
        return bool(self.pieces) and self.pieces[-1].rstrip().endswith("}")

    @property
    def may_close(self) -> bool:
        return self.is_free_text or self.is_whole

    def grow(self, piece: Piece) -> list[Delta]:
        """Take a piece of the arguments, or all of them; what was said before is not said again."""
        if self.closed:
            return []
        self._assign(piece.get("assign", ()))
        added = self._take(piece.get("arguments"))
        deltas = super().grow({"signature": piece.get("signature", ""), "origin": piece.get("origin", "")})
        if added and not self.is_withheld:
            deltas.append({"type": "block_delta", "kind": "arguments", "text": added})
        return deltas

    def complete(self, block: Block) -> list[Delta]:
        if block.get("extra"):
            self.fields["extra"] = block["extra"]
        return [] if self.pieces or self.whole is not None else self.grow({"arguments": block.get("arguments", {})})

    def _assign(self, assignments: Sequence[Assignment]) -> None:
        for assignment in assignments:
            self.grows = True
            self.whole = self.whole or {}
            assign(self.whole, assignment["path"], assignment.get("value"))

    def _take(self, arguments: str | dict[str, Json] | None) -> str:
        if isinstance(arguments, str):
            text = arguments
        elif arguments is None or self.pieces:
            text = ""
        else:
            self.whole = None if self.is_free_text else arguments
            text = render_arguments(arguments)
        if text:
            self.pieces.append(text)
        return text

    def head(self) -> Block:
        return {**self.fields, "arguments": "" if self.fields.get("kind") == "custom" else {}}

    def deltas(self) -> Iterator[Delta]:
        return (delta for delta in super().deltas() if not (self.is_withheld and delta["kind"] == "arguments"))

    def closing_deltas(self) -> Iterator[Delta]:
        if self.is_withheld:
            known = self._arguments()
            text = known if isinstance(known, str) else render_arguments(known)
            if text:
                yield {"type": "block_delta", "kind": "arguments", "text": text}
        elif not self.pieces and not self.is_free_text:
            yield {"type": "block_delta", "kind": "arguments", "text": render_arguments(self.whole or {})}

    def finished(self) -> Block:
        return self._with_marks({**self.fields, "arguments": self._arguments()})

    def _arguments(self) -> dict[str, Json] | str:
        if self.wrapped:
            return self._unwrapped()
        text = "".join(self.pieces)
        if self.is_free_text:
            return text
        arguments = parse_arguments(text) if self.whole is None else self.whole
        return arguments if isinstance(arguments, str) else self._restored(arguments)

    def _restored(self, arguments: dict[str, Json]) -> dict[str, Json]:
        """The arguments under the names that the client gave them."""
        return rename_arguments(arguments, self.properties) if self.properties else arguments

    def _unwrapped(self) -> str:
        text = "".join(self.pieces)
        found = parse_object(text)
        if found == {}:
            return ""
        inner = found.get(WRAPPED_INPUT) if found else None
        return inner if isinstance(inner, str) else text


def continued_call(calls: Sequence[CallDraft], piece: Piece) -> CallDraft | None:
    """The call that a piece belongs to; None when it starts a new one.

    Keys and ids are as upstreams write them: one key for all calls, an id repeated in every piece, no id at
    all and no key at all have been seen (acceptance case P20).
    """
    same_key = [call for call in calls if call.key == piece.get("key")]
    if not same_key:
        return None
    call_id, name, latest = piece.get("id"), piece.get("name"), same_key[-1]
    if call_id:
        known = next((call for call in reversed(same_key) if call.upstream_id == call_id), None)
        if known is not None:
            return None if name and piece.get("arguments") and known.is_whole else known
        return latest if latest.upstream_id is None and _takes_name(latest, piece) else None
    if not name or _takes_name(latest, piece):
        return latest
    return None


def _takes_name(call: CallDraft, piece: Piece) -> bool:
    """Whether a piece that says a name can still belong to a call."""
    name, known = piece.get("name"), call.fields["name"]
    if not name or not known:
        return not call.closed
    if call.key is not None and name == known and not piece.get("arguments"):
        return True
    if not call.pieces:
        return call.key is not None and name == known and not call.closed
    return not call.is_whole
