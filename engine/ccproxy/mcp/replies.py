"""Refusals before any protocol message was read, as JSON-RPC errors without an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from ccproxy.mcp.asgi import Receive, Scope, Send

INVALID_REQUEST = -32600
SERVER_ERROR = -32000


def error_body(status: int, message: str) -> bytes:
    """Return the error that goes with a status."""
    code = SERVER_ERROR if status >= 500 or status in (401, 403) else INVALID_REQUEST
    return orjson.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}})


async def refuse(_scope: Scope, _receive: Receive, send: Send, status: int, message: str) -> None:
    """Answer with an error."""
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": error_body(status, message)})
