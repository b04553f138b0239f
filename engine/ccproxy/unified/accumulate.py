"""A well-formed stream as one answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from ccproxy.jsontypes import JsonObject
from ccproxy.unified.model import Event, Response


def accumulate_events(events: Iterable[JsonObject]) -> JsonObject:
    """The answer that a stream of events tells; one that ends in an error keeps what came before it."""
    response: Response = {"content": [], "stop": {"reason": "error"}}
    for event in cast("Iterable[Event]", events):
        match event["type"]:
            case "message_start":
                response = {**_head(event), **response}
            case "block_stop":
                response["content"].append(event["block"])
            case "message_stop":
                response = {**event["message"], "content": response["content"]}
            case "error":
                response["stop"] = {"reason": "error", "message": event["error"]["message"]}
    return cast("JsonObject", response)


def _head(event: Event) -> Response:
    fields = {name: value for name, value in event.items() if name != "type"}
    return cast("Response", fields)
