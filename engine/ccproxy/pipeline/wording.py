"""Errors in the client's own shape; whatever happens, a client gets JSON and never a traceback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from orjson import dumps

from ccproxy.pipeline.reply import header_line
from ccproxy.wire.writers import Writer, writer_for

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.reply import Reply

JSON_HEAD: Final = b"content-type: application/json\r\n"
log: Final = logging.getLogger("ccproxy")


def word_error(engine: Engine, protocol: Protocol | None, error: JsonObject) -> tuple[int, JsonObject]:
    """Return status and body for a client; without a protocol, or when its wording fails, a plain shape."""
    if protocol is not None:
        try:
            return engine.client_error(protocol.name, error)
        except Exception:
            log.exception("cannot word an error for %s", protocol.name)
    status = error.get("status")
    body: JsonObject = {"error": {"type": error.get("kind"), "message": error.get("message")}}
    return status if isinstance(status, int) else 500, body


def send_error(
    engine: Engine,
    reply: Reply,
    protocol: Protocol | None,
    error: JsonObject,
    head: bytes = b"",
    keep_status: bool = False,
) -> None:
    """Answer with an error."""
    named: JsonObject = {"request_id": reply.request_id, **error}
    status, body = word_error(engine, protocol, named)
    own = error.get("status")
    reply.send(
        own if keep_status and isinstance(own, int) else status, head + retry_line(error) + JSON_HEAD, dumps(body)
    )


def retry_line(error: JsonObject) -> bytes:
    """Return the Retry-After header that an error asks for."""
    seconds = error.get("retry_after")
    return header_line("retry-after", f"{seconds:g}") if isinstance(seconds, int | float) else b""


def error_event(engine: Engine, protocol: Protocol, error: JsonObject) -> bytes:
    """Return an error as the last event of a stream that has begun."""
    return stream_event(protocol, word_error(engine, protocol, error)[1])


def stream_event(protocol: Protocol, body: JsonObject) -> bytes:
    """Return one JSON object in a protocol's own framing."""
    writer: Writer = writer_for(protocol.stream.framing, protocol.stream.event_name, None)
    return writer.encode(body)


def error_of(failure: Exception, request_id: str, provider: str | None = None) -> JsonObject:
    """Return the unified error that an exception carries; one without is a bug, whose traceback goes to the log.

    With a provider it is its answer that could not be converted, nearly always for values of wrong types.
    """
    error = getattr(failure, "error", None)
    if isinstance(error, dict):
        return error
    log.error("request %s failed unexpectedly", request_id, exc_info=failure)
    if provider is not None:
        told = (
            f"The answer of the provider `{provider}` failed unexpectedly to convert. See ccproxy's log, {request_id}."
        )
        return {"kind": "upstream", "status": 502, "message": told}
    told = f"ccproxy failed unexpectedly. Its log has the details under request {request_id}."
    return {"kind": "server", "status": 500, "message": told}
