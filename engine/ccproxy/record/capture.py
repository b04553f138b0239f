"""Notes what happens to one request while it happens. Costs little: bytes are kept as they come, work is for later."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.routing.facts import RequestFacts


@dataclass(slots=True)
class RawBody:
    """State: pieces of a body, and when each came."""

    pieces: list[bytes] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass(slots=True)
class RawTry:
    """State: one try. What was told twice was changed by policies in between: the first is before, the last after."""

    unified: list[bytes] = field(default_factory=list)
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    status: int = 0
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: RawBody = field(default_factory=RawBody)


class Capture:
    """State of one request that is listened to; implements the pipeline's stages."""

    def __init__(self, finish: Callable[[Capture, RequestFacts], None], limit_bytes: int) -> None:
        self._finish = finish
        self._left = limit_bytes or float("inf")
        self._started = time.monotonic()
        self._unified: list[bytes] = []
        self.complete = True
        self.method = ""
        self.path = ""
        self.headers: Mapping[str, str] = {}
        self.body = b""
        self.tries: dict[int, RawTry] = {}
        self.status = 0
        self.head = b""
        self.answer = RawBody()
        self.size = 0

    def client_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Note the request as it came."""
        self.method, self.path, self.headers = method, path, {**headers}
        self.body = self._kept(body)

    def unified_request(self, request: JsonObject) -> None:
        """Note the unified request of the next try."""
        self._unified.append(self._kept(dump_json(request)))

    def upstream_request(self, attempt: int, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Note what is sent to a provider."""
        one = self._try(attempt)
        if self._unified:
            one.unified, self._unified = self._unified, []
        one.url, one.headers = url, {**headers}
        one.requests.append(self._kept(body))

    def upstream_head(self, attempt: int, status: int, headers: Mapping[str, str]) -> None:
        """Note how a provider's answer begins."""
        one = self._try(attempt)
        one.status, one.answer_headers = status, {**headers}

    def upstream_data(self, attempt: int, data: bytes) -> None:
        """Note a piece of a provider's answer."""
        self._add(self._try(attempt).answer, data)

    def client_head(self, status: int, head: bytes) -> None:
        """Note how the client's answer begins."""
        self.status, self.head = status, head

    def client_data(self, data: bytes) -> None:
        """Note a piece of the client's answer."""
        self._add(self.answer, data)

    def end(self, facts: RequestFacts) -> None:
        """Hand everything on."""
        self._finish(self, facts)

    def _try(self, attempt: int) -> RawTry:
        return self.tries.setdefault(attempt, RawTry())

    def _add(self, body: RawBody, data: bytes) -> None:
        kept = self._kept(data)
        if kept:
            body.pieces.append(kept)
            body.seconds.append(time.monotonic() - self._started)

    def _kept(self, data: bytes) -> bytes:
        """Return as much of the data as there is room for; after the first that does not fit, nothing is kept."""
        if len(data) <= self._left:
            self._left -= len(data)
            self.size += len(data)
            return data
        kept = data[: int(self._left)]
        self.size += len(kept)
        self._left = 0
        self.complete = False
        return kept
