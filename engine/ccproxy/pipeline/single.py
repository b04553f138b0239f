"""Answers in one piece: passed on, converted, or counted here when the upstream cannot count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from orjson import JSONDecodeError, dumps

from ccproxy.pipeline.direct import passed_on
from ccproxy.pipeline.wording import JSON_HEAD
from ccproxy.routing.failures import ProxyError
from ccproxy.wire.text import read_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.engine_port import Engine, Operation
    from ccproxy.pipeline.plan import Plan

# What hosts answer that do not have an operation of the protocol they speak.
HAS_NO_SUCH: Final = frozenset({404, 405, 501})


class Single:
    """An answer that never comes in pieces."""

    finished = True
    has_content = True
    error: JsonObject | None = None
    malformed = ""
    goes_on = False

    def again(self) -> tuple[bytes, Answer]:
        """Never: no such answer is malformed."""
        raise NotImplementedError

    def hold_beginning(self) -> None:
        """Do nothing: there is no beginning."""

    def refusal_in(self, _body: bytes) -> JsonObject | None:
        """Return nothing: success is success."""
        return None

    def usage(self) -> JsonObject:
        """Return what is known of tokens."""
        return {}

    def asks_for_stream(self) -> bool:
        """Never."""
        return False

    def comes_in_pieces(self, _status: int, _content_type: str) -> bool:
        """Never."""
        return False

    def stream_head(self, _headers: Mapping[str, str]) -> bytes:
        """Return nothing: there is no stream."""
        return b""

    def feed(self, chunk: bytes) -> bytes:
        """Return the piece: there is no stream."""
        return chunk

    def close(self) -> bytes:
        """Return nothing: there is no stream."""
        return b""

    def ping(self) -> bytes:
        """Return nothing: a whole answer cannot begin before it is known."""
        return b""

    def fail(self, _error: JsonObject) -> bytes:
        """Return nothing: there is no stream."""
        return b""

    def late(self, _status: int, body: bytes) -> bytes:
        """Return the body: there were no pings."""
        return body


class CountedHere:
    """Tokens of a request, counted without the upstream."""

    def __init__(self, engine: Engine, plan: Plan, body: JsonObject) -> None:
        self._engine = engine
        self._plan = plan
        self._body = body

    def answer(self) -> bytes:
        """Return the client's answer."""
        plan = self._plan
        return dumps(
            self._engine.count_tokens(
                plan.source.name, plan.target.name, self._body, operation=plan.operation.name, model=plan.model
            )
        )


class DirectSingle(Single):
    """Passes an answer on as it is."""

    def __init__(self, engine: Engine, plan: Plan, counted: CountedHere | None = None) -> None:
        self._engine = engine
        self._plan = plan
        self._counted = counted

    def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, bytes]:
        """Return the answer, or a count of our own in place of a refusal to count."""
        if self._counted is not None and status in HAS_NO_SUCH:
            return 200, self._plan.head + JSON_HEAD, self._counted.answer()
        return status, self._plan.head + passed_on(headers), body


class ConvertedSingle(Single):
    """Converts an answer with the exchange that converted its request."""

    def __init__(self, exchange: Operation, plan: Plan) -> None:
        self._exchange = exchange
        self._plan = plan

    def whole(self, status: int, _headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, bytes]:
        """Return the client's answer."""
        parsed = _parsed(body)
        head = self._plan.head + JSON_HEAD
        if status >= 300:
            told = parsed if parsed is not None else body[:2000].decode("utf-8", "replace")
            client_status, error = self._exchange.error(status if status >= 400 else 502, told)
            return client_status, head, dumps(error)
        if not isinstance(parsed, dict):
            name = self._plan.endpoint.provider.name
            said = f"The provider `{name}` answered with something other than a JSON object."
            raise ProxyError("upstream", 502, said)
        return 200, head, dumps(self._exchange.client_response(self._exchange.unified_response(parsed)))


def _parsed(body: bytes) -> Json:
    try:
        parsed = read_json(body)
    except JSONDecodeError:
        return None
    return parsed
