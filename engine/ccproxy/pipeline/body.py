"""The client's request body: read it within bounds, read the facts that routing needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from orjson import JSONDecodeError

from ccproxy.routing.failures import ProxyError
from ccproxy.wire.text import read_json

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Location

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


async def read_body(request: BaseRequest, limit_bytes: int) -> bytes:
    """Return the whole body; raise when it is larger than allowed."""
    length = request.content_length
    if length is not None and length > limit_bytes:
        raise too_large(limit_bytes)
    content = request.content
    if not content.is_eof() and "expect" in request.headers and request.transport is not None:
        request.transport.write(_CONTINUE)
    piece = await content.readany()
    if content.at_eof() and len(piece) <= limit_bytes:
        return piece
    pieces, size = [piece], len(piece)
    while piece and size <= limit_bytes:
        piece = await content.readany()
        pieces.append(piece)
        size += len(piece)
    if size > limit_bytes:
        raise too_large(limit_bytes)
    return b"".join(pieces)


def too_large(limit_bytes: int) -> ProxyError:
    """Return the error for a body beyond the limit."""
    return ProxyError("too_large", 413, f"The request body is larger than the {limit_bytes} bytes that are allowed.")


def parse_body(raw: bytes) -> JsonObject:
    """Return the JSON object; raise when it is anything else."""
    try:
        body = read_json(raw)
    except JSONDecodeError as error:
        raise ProxyError("invalid_request", 400, f"The request body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise ProxyError("invalid_request", 400, "The request body must be a JSON object.")
    return body


def too_deep(failure: BaseException | None) -> ProxyError | None:
    """Return the error for a body nested deeper than converters go, when that is why something failed."""
    while failure is not None:
        if isinstance(failure, RecursionError) or str(failure) == "Recursion limit reached":  # orjson, jsonschema-rs
            return ProxyError("invalid_request", 400, "The request body is nested too deeply.")
        failure = failure.__cause__
    return None


def value_at(body: Json, pointer: str) -> Json:
    """Return what a JSON pointer leads to, None when it leads nowhere."""
    for step in pointer[1:].split("/"):
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body


def model_of(body: JsonObject, location: Location | None, parameters: Mapping[str, str]) -> str:
    """Return the model that a request asks for."""
    if location is None:
        return ""
    if location.path is not None:
        return parameters[location.path]
    pointer = location.body or "/model"
    model = value_at(body, pointer)
    if model is None and location.or_body is not None:
        model = value_at(body, location.or_body)
    if not isinstance(model, str) or not model:
        found = "is missing" if model is None else "must be text"
        name = pointer[1:].replace("/", ".")
        raise ProxyError("invalid_request", 400, f"{name}: the model's name {found}.", param=name)
    return model


def wants_stream(body: JsonObject, location: Location | None, parameters: Mapping[str, str]) -> bool:
    """Return whether a request asks for a streamed answer."""
    if location is None:
        return False
    if location.path is not None:
        return parameters.get(location.path) == location.value
    value = value_at(body, location.body or "/stream")
    return location.default if value is None else value is True
