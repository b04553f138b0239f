"""Operations besides chat: one request, one answer, through the unified form of the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ccproxy.conversion.errors import RequestRejected, UpstreamError
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.mapping.keycase import camel_body
from ccproxy.mapping.model import operation_kind

if TYPE_CHECKING:
    from ccproxy.conversion.context import Context
    from ccproxy.conversion.dialect import Dialect
    from ccproxy.conversion.guard import Guard
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Operation


def read_chat_request(
    client: Dialect, operation: Operation | None, body: JsonObject, context: Context, guard: Guard
) -> JsonObject:
    """The chat request that an operation's body is or holds, in the unified format. Raises RequestRejected."""
    body = in_one_case(client, body)
    held = body.get(operation.request_in[1:]) if operation and operation.request_in else None
    body = context.request = held if isinstance(held, dict) else body
    problem = client.validator.problem(body) if client.validator else None
    if problem is not None:
        raise RequestRejected(
            {"kind": "invalid_request", "status": 400, "message": problem.message, "param": problem.path}
        )
    try:
        with guard:
            return cast("JsonObject", client.transform("request_to_unified")(body, context))
    except Rejection as rejection:
        raise RequestRejected(rejection.error) from None


def in_one_case(client: Dialect, body: JsonObject) -> JsonObject:
    """The body with field names in the one case that mappings know, where clients may use two."""
    keys = client.protocol.request_keys
    return body if keys is None else camel_body(body, keys.keep)


class OperationExchange:
    """Converts the request and the answer of one operation; either protocol may be its own client or upstream."""

    def __init__(self, operation: str, client: Dialect, upstream: Dialect, context: Context, guard: Guard) -> None:
        self._operation = operation
        self._client = client
        self._upstream = upstream
        self._context = context
        self._guard = guard

    def unified_request(self, body: JsonObject) -> JsonObject:
        """What the client asks. Raises RequestRejected."""
        body = self._context.request = in_one_case(self._client, body)
        try:
            return self._convert(self._client, "request", "to_unified", body)
        except Rejection as rejection:
            raise RequestRejected(rejection.error) from None

    def upstream_request(self, unified: JsonObject) -> JsonObject:
        """The body to send. Raises RequestRejected."""
        try:
            return self._convert(self._upstream, "request", "from_unified", unified)
        except Rejection as rejection:
            raise RequestRejected(rejection.error) from None

    def unified_response(self, body: JsonObject) -> JsonObject:
        """What the upstream answers. Raises UpstreamError."""
        try:
            return self._convert(self._upstream, "response", "to_unified", body)
        except Rejection as rejection:
            raise UpstreamError(rejection.error) from None

    def client_response(self, unified: JsonObject) -> JsonObject:
        """The body for the client."""
        return self._convert(self._client, "response", "from_unified", unified)

    def error(self, status: int, body: Json) -> tuple[int, JsonObject]:
        """Status and body for the client, from an upstream's error."""
        self._context.status = status
        with self._guard:
            error = self._upstream.transform("error_to_unified")(body, self._context)
        known: JsonObject = error if isinstance(error, dict) else {}
        plain: JsonObject = {"kind": "upstream", "message": f"the upstream answered {status}", "status": status}
        return self._client.error({**plain, **known}, self._context)

    def _convert(self, dialect: Dialect, half: str, direction: str, value: JsonObject) -> JsonObject:
        with self._guard:
            kind = operation_kind(self._operation, half)
            return cast("JsonObject", dialect.transform(f"{kind}_{direction}")(value, self._context))
