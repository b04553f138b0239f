"""Tools of MCP servers as tools of a unified request, under names that its client does not use."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.unified.model import Tool


@dataclass(frozen=True, slots=True)
class Offering:
    """What models are shown, and by the names that they see, what the servers' side calls it."""

    tools: tuple[Tool, ...] = ()
    names: Mapping[str, str] | None = None

    def is_own(self, block: Mapping[str, object]) -> bool:
        """Whether a block calls one of these tools."""
        called = block["type"] == "tool_call" and not block.get("namespace")
        return called and block.get("name") in (self.names or {})


def offering_of(listed: Sequence[JsonObject], taken: Collection[str]) -> Offering:
    """Make the offer; where the client has a tool of the same name, ours gets another."""
    names: dict[str, str] = {}
    tools: list[Tool] = []
    for tool in listed:
        name = _free(str(tool["name"]), {*taken, *names})
        names[name] = str(tool["name"])
        described = tool.get("description") or tool.get("title")
        shown: Tool = {"type": "function", "name": name, "parameters": _schema(tool.get("inputSchema"))}
        tools.append({**shown, "description": str(described)} if described else shown)
    return Offering(tuple(tools), names)


def _free(name: str, taken: Collection[str]) -> str:
    free, number = name, 1
    while free in taken:
        free = f"mcp_{name}" if number == 1 else f"mcp_{name}_{number}"
        number += 1
    return free


def _schema(schema: Json) -> dict[str, Json]:
    """Return the schema of a tool's arguments; models are not told where schemas come from."""
    if not isinstance(schema, dict):
        return {"type": "object", "properties": {}}
    return cast("dict[str, Json]", {name: value for name, value in schema.items() if name != "$schema"})
