"""The tools of one request: which one a model means, and what its arguments look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ccproxy.compat.typed import kinds_of, properties_of
from ccproxy.diagnostics.suggest import edit_distance

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")
_NUMBERED: Final = re.compile(r":\d+$")  # some models number their calls
_PREFIX: Final = re.compile(r"^.*[./:]")
SHORTEST_GUESS: Final = 4


@dataclass(frozen=True, slots=True)
class CallableTool:
    """One tool as it is declared to the model."""

    name: str
    parameters: JsonObject
    properties: Mapping[str, Json]
    required: tuple[str, ...] = ()
    description: str = ""

    def kinds(self, argument: str) -> frozenset[str]:
        """The kinds of value that an argument may have; empty when unknown."""
        return kinds_of(self.properties.get(argument), self.parameters)

    def argument(self, written: str) -> str:
        """The declared name of an argument that a model wrote in another spelling."""
        if written in self.properties or not self.properties:
            return written
        same = [name for name in self.properties if _letters(name) and _letters(name) == _letters(written)]
        return same[0] if len(same) == 1 else written


class Toolbox:
    """All tools that may be called now."""

    def __init__(self, tools: Sequence[Mapping[str, Json]]) -> None:
        self._tools = {tool.name: tool for tool in map(build_tool, tools)}
        self._spellings: dict[str, list[str]] = {}
        for name in self._tools:
            self._spellings.setdefault(_letters(name), []).append(name)

    @property
    def names(self) -> list[str]:
        return list(self._tools)

    @property
    def tools(self) -> list[CallableTool]:
        return list(self._tools.values())

    def exact(self, name: str) -> CallableTool | None:
        return self._tools.get(name)

    def find(self, written: str) -> CallableTool | None:
        """The tool that a model means by a name; None unless there is exactly one closest."""
        written = written.strip().strip("\"'`")
        plain = _NUMBERED.sub("", written)
        for name in (written, plain, _PREFIX.sub("", plain)):
            if name in self._tools:
                return self._tools[name]
            if len(same := self._spellings.get(_letters(name), [])) == 1 and _letters(name):
                return self._tools[same[0]]
        return self._closest(written)

    def _closest(self, written: str) -> CallableTool | None:
        limit = len(written) // 4
        if len(written) < SHORTEST_GUESS:
            return None
        near = sorted(
            (distance, name)
            for name in self._tools
            if abs(len(name) - len(written)) <= limit
            and (distance := edit_distance(written.lower(), name.lower())) <= limit
        )
        if not near or (len(near) > 1 and near[0][0] == near[1][0]):
            return None
        return self._tools[near[0][1]]


def build_tool(tool: Mapping[str, Json]) -> CallableTool:
    """A tool of the unified request."""
    parameters = tool.get("parameters")
    schema = parameters if isinstance(parameters, dict) else {}
    required = schema.get("required")
    return CallableTool(
        str(tool.get("name", "")),
        schema,
        properties_of(schema),
        tuple(str(name) for name in required) if isinstance(required, list) else (),
        str(tool.get("description") or ""),
    )


def _letters(name: str) -> str:
    return _NO_LETTER.sub("", name.lower())
