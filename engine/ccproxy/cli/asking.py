"""One question to a provider and its answer, for commands: with the proxy's own addresses, headers and connections."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast
from urllib.request import getproxies_environment

from yarl import URL

from ccproxy.conversion.backend import Backend
from ccproxy.conversion.errors import MappingFailure, RequestRejected, UpstreamError
from ccproxy.mapping.protocol import CHAT
from ccproxy.upstream.endpoint import build_endpoint
from ccproxy.upstream.failures import UPSTREAM_FAILURES, failure_of
from ccproxy.upstream.fetching import Collector
from ccproxy.upstream.pool import Pool

if TYPE_CHECKING:
    from ccproxy.config.model import Provider
    from ccproxy.conversion.engine import Engine
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Operation
    from ccproxy.upstream.endpoint import Endpoint
    from ccproxy.upstream.head import Head

MODELS: Final = "models"
UNIFIED: Final = "unified"
# The smallest limit that every provider accepts.
FEW_TOKENS: Final = 16
_TINY: Final = {"role": "user", "content": [{"type": "text", "text": "Say OK."}]}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered; status 0 when it did not. `error` is a unified error, without keys."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    body: Json = None
    error: JsonObject | None = None


class Asker:
    """Asks providers; each question has the same time."""

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._engine = engine
        self._seconds = seconds
        self._proxies = getproxies_environment()

    def has_model_list(self, provider: Provider) -> bool:
        """Whether the provider's protocol can be asked for models."""
        operation = self._engine.protocols[provider.protocol].operations.get(MODELS)
        return operation is not None and operation.upstream is not None

    async def models(self, provider: Provider, key: str | None) -> tuple[Answer, list[JsonObject]]:
        """Ask for the provider's models, in the unified format."""
        operation = self._engine.protocols[provider.protocol].operations[MODELS]
        answer = await self._ask(provider, key, "", operation, b"")
        speaks = operation.spoken_as or provider.protocol
        exchange = self._engine.operation(MODELS, speaks, speaks, {})
        if answer.error is not None:
            return answer, []
        # Some hosts of the commonest protocol leave the envelope out.
        body: Json = {"data": answer.body} if isinstance(answer.body, list) else answer.body
        if not isinstance(body, dict):
            return _not_json(answer), []
        try:
            listed = exchange.unified_response(body).get(MODELS)
        except (UpstreamError, MappingFailure) as failure:
            return replace(answer, error={"kind": "upstream", "message": str(failure)}), []
        found = listed if isinstance(listed, list) else []
        return answer, [model for model in found if isinstance(model, dict) and model.get("id")]

    async def chat(self, provider: Provider, key: str | None, model: str) -> Answer:
        """Ask a model for a word or two."""
        operation = self._engine.protocols[provider.protocol].operations[CHAT]
        request: JsonObject = {"model": model, "messages": [cast("Json", _TINY)], "max_tokens": FEW_TOKENS}
        try:
            exchange = self._engine.open(
                UNIFIED,
                provider.protocol,
                request,
                model=model,
                stream=False,
                backend=Backend(provider.protocol, model, provider.name, URL(provider.base_url).host or ""),
                quirks=provider.quirks,
            )
        except RequestRejected as refused:
            return Answer(0, 0.0, {}, error=refused.error)
        body = json.dumps(exchange.upstream_request).encode()
        answer = await self._ask(provider, key, model, operation, body)
        if answer.error is not None:
            return answer
        if not isinstance(answer.body, dict):
            return _not_json(answer)
        try:
            exchange.response(answer.body)
        except (UpstreamError, MappingFailure) as failure:
            return replace(answer, error={"kind": "upstream", "message": str(failure)})
        return answer

    async def _ask(self, provider: Provider, key: str | None, model: str, operation: Operation, body: bytes) -> Answer:
        protocol = self._engine.protocols[provider.protocol]
        endpoint = build_endpoint(provider, key, model, protocol, operation, self._proxies)
        started = time.perf_counter()
        collector = Collector()
        pool = Pool()
        try:
            async with asyncio.timeout(self._seconds):
                connection = await pool.open(endpoint)
                head = endpoint.request_head(endpoint.target, {})
                connection.send(b"%b%d\r\n\r\n%b" % (head, len(body), body), collector)
                await collector.done
        except UPSTREAM_FAILURES as failure:
            error = failure_of(failure, provider, answering=collector.head is not None).error
            return Answer(0, time.perf_counter() - started, {}, error=error)
        finally:
            pool.close()
        return self._read(provider, endpoint, collector, time.perf_counter() - started)

    def _read(self, provider: Provider, endpoint: Endpoint, collector: Collector, seconds: float) -> Answer:
        head = cast("Head", collector.head)
        told = endpoint.without_key(bytes(collector.body))
        body = _parsed(told)
        if head.status < 300:
            return Answer(head.status, seconds, head.headers, body)
        if head.status < 400:
            error: JsonObject = {"kind": "upstream", "message": "It redirects to another address."}
        else:
            said: Json = body if body is not None else told[:500].decode("utf-8", "replace")
            error = self._engine.error(head.status, said, provider.protocol, UNIFIED)[1]
        return Answer(head.status, seconds, head.headers, error=error)


def _not_json(answer: Answer) -> Answer:
    error: JsonObject = {"kind": "upstream", "message": "The answer is no JSON object; is the base URL right?"}
    return replace(answer, error=error)


def _parsed(text: bytes) -> Json:
    try:
        parsed: Json = json.loads(text)
    except ValueError:
        return None
    return parsed
