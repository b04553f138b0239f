"""The quirks that apply to one backend, as functions over its messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.conversion.context import Context
    from ccproxy.jsontypes import Json

    JsonObject = dict[str, Json]
    Edit = Callable[[JsonObject, Context], JsonObject]


@dataclass(frozen=True, slots=True)
class QuirkChain:
    """Edits in the order they run; an empty chain costs nothing."""

    names: tuple[str, ...] = ()
    request_edits: tuple[Edit, ...] = ()
    response_edits: tuple[Edit, ...] = ()
    chunk_edits: tuple[Edit, ...] = ()
    capabilities: Mapping[str, Json] = field(default_factory=dict)

    @property
    def think_tags(self) -> tuple[str, str] | None:
        """Opening and closing tag of thoughts written into the text, from the capability `think_tags`."""
        tags = self.capabilities.get("think_tags")
        return (str(tags[0]), str(tags[1])) if isinstance(tags, list) and len(tags) == 2 else None

    def request(self, body: JsonObject, context: Context) -> JsonObject:
        return _run(self.request_edits, body, context)

    def response(self, body: JsonObject, context: Context) -> JsonObject:
        return _run(self.response_edits, body, context)


def _run(edits: tuple[Edit, ...], body: JsonObject, context: Context) -> JsonObject:
    for edit in edits:
        body = edit(body, context)
    return body


NO_QUIRKS = QuirkChain()
