"""Fields of the source that no rule has to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ccproxy.shapes.nodes import SchemaNode, Value
from ccproxy.shapes.shape import Shape

if TYPE_CHECKING:
    from ccproxy.mapping.model import Kind
    from ccproxy.shapes.nodes import Node

# The engine keeps these itself, or reports their loss.
KEPT_BY_ENGINE = frozenset({"extra"})
# Whose something is, which matters only to who asks.
OWNERS = frozenset({"origin", "protocol"})
# Only who writes such a field can use it: proof of thoughts, kinds of tools, words of other errors.
OWN = frozenset({"signature", "encrypted", "kind", "namespace"})
OWN_OF_ERRORS = frozenset({"type", "code", "details", "request_id"})
# Answers share the schema of blocks with requests, where alone these mean something.
ONLY_ASKED = frozenset({"cache"})
BLOCKS_ONLY_ASKED = frozenset({"/$defs/tool_result", "/$defs/document", "/$defs/video"})
# The engine writes the HTTP status and header itself.
HEAD_OF_ERRORS = frozenset({"status", "retry_after"})
# Events number and repeat what was sent already, and open with what `$message` holds.
REPEATED_IN_EVENTS = frozenset({"index", "tool_index", "block", "message", "error"})
OPENING_EVENT = "/$defs/message_start"
# The engine keeps native values away from other protocols.
NATIVE = frozenset({"/$defs/native", "/$defs/native_tool"})
NAMED_BY_ENGINE = ("/$defs/tool_result", "name")
NEEDLESS = frozenset(
    {
        ("/$defs/citation", "type"),  # told by the other fields
        ("/$defs/text", "signature"),  # only calls and thoughts must carry theirs
        ("/$defs/custom_tool", "strict"),
        ("/$defs/custom_tool", "cache"),
    }
)


@dataclass(frozen=True, slots=True)
class Exemptions:
    """Answers for one transform. `written` are unified fields that the protocol itself writes on the way in."""

    kind: Kind
    written: frozenset[tuple[Node, str]] = frozenset()
    elsewhere: frozenset[tuple[str, str]] = frozenset()  # places and names that another file of the folder deals with

    def covers(self, owner: SchemaNode, name: str, shape: Shape) -> bool:
        """Whether the field may stay unread."""
        present = shape.without("null")
        if len(present.nodes) == 1 and all(isinstance(node, Value) for node in present.nodes):
            return True  # always the same word
        if (owner.pointer, name) in self.elsewhere:
            return True
        if not owner.schema.startswith("unified/"):
            return False
        file = owner.schema.removeprefix("unified/")
        if self.kind != "request" and (name in ONLY_ASKED or owner.pointer in BLOCKS_ONLY_ASKED):
            return True
        if name in KEPT_BY_ENGINE | OWNERS or (owner.pointer, name) in NEEDLESS:
            return True
        if owner.pointer in NATIVE and name != "value":
            return True
        if (name in OWN or (owner.pointer, name) == NAMED_BY_ENGINE) and file in ("block", "request"):
            return (owner, name) not in self.written
        match file:
            case "error":
                return name in OWN_OF_ERRORS | HEAD_OF_ERRORS
            case "event":
                return name in REPEATED_IN_EVENTS or owner.pointer == OPENING_EVENT
            case _:
                return False
