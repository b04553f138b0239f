"""`x-ccproxy-trace: 1`: who asks for a trace of their request gets its id, and reads it at `/admin/trace/{id}`."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping
from os import urandom
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.reply import header_line
from ccproxy.routing.failures import ProxyError
from ccproxy.server.visitors import visitor_of

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.stages import Stages
    from ccproxy.routing.facts import RequestFacts
    from ccproxy.server.version import Version
    from ccproxy.trace.ring import Kept, TraceRing

TRACED: Final = "x-ccproxy-trace"
OFF: Final = frozenset({"", "0", "false", "no"})
TRACES: Final = "trace"
_HTML: Final = b"content-type: text/html; charset=utf-8\r\n"
_JSON: Final = b"content-type: application/json\r\n"
_COMMON: Final = (
    b"cache-control: no-store\r\nvary: accept\r\nx-content-type-options: nosniff\r\nreferrer-policy: no-referrer\r\n"
)


def traced(
    ring: TraceRing, version: Version, request: BaseRequest, reply: Reply, stages: Stages | None
) -> Stages | None:
    """Return who listens to a request that asks to be traced: nobody new unless its sender may administer."""
    wanted = request.headers.get(TRACED, "").strip().lower() not in OFF
    if not wanted or not visitor_of(request, version).is_admin:
        return stages
    trace_id = f"trace_{urandom(8).hex()}"
    reply.common += header_line(TRACED, trace_id)
    listener = ring.listen(trace_id, version.config)
    return listener if stages is None else Both(stages, listener)


async def answer_trace(request: BaseRequest, reply: Reply, version: Version, ring: TraceRing, name: str) -> None:
    """Answer a reader who may administer: a page for browsers, JSON for everybody else; without an id what there is."""
    if request.method not in ("GET", "HEAD"):
        raise ProxyError("invalid_request", 405, f"/admin/{TRACES} takes GET.")
    with_body = request.method != "HEAD"
    if not name:
        told: JsonObject = {"traces": [*ring.ids()]}
        reply.send(200, _COMMON + _JSON, json.dumps(told).encode(), with_body)
        return
    kept = ring.find(name)
    if kept is None:
        message = (
            f"There is no trace `{name[:100]}` in this process. It has the last few, of requests that are over; "
            "with several workers each has its own, and another one may answer next time."
        )
        raise ProxyError("not_found", 404, message)
    as_page = "text/html" in request.headers.get("accept", "")
    nonce = b64encode(urandom(16)).decode() if as_page else ""
    body = await asyncio.to_thread(_render, ring, kept, version, nonce)
    policy = header_line("content-security-policy", _policy(nonce))
    reply.send(200, _COMMON + (_HTML + policy if as_page else _JSON), body, with_body)


def _render(ring: TraceRing, kept: Kept, version: Version, nonce: str) -> bytes:
    """Return the trace as a page, or as JSON without a nonce."""
    # Most proxies never trace, and need not load what it takes.
    from ccproxy.conversion.errors import MappingError  # noqa: PLC0415
    from ccproxy.record.rules import RulesError  # noqa: PLC0415
    from ccproxy.trace.files import files_of  # noqa: PLC0415
    from ccproxy.trace.json_form import trace_json  # noqa: PLC0415
    from ccproxy.trace.page import render_page  # noqa: PLC0415

    try:
        trace = ring.trace(kept, version.tools.engine)
    except (MappingError, RulesError) as error:
        raise ProxyError("server", 500, f"The mappings on disk cannot be read: {error}") from error
    files = files_of(ring.roots)
    if nonce:
        return render_page(trace, files, nonce).encode()
    told: Json = trace_json(trace, files)
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


class Both:
    """Two listeners to one request."""

    def __init__(self, first: Stages, second: Stages) -> None:
        self._all = first, second

    def client_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        for one in self._all:
            one.client_request(method, path, headers, body)

    def unified_request(self, request: JsonObject) -> None:
        for one in self._all:
            one.unified_request(request)

    def upstream_request(self, attempt: int, url: str, headers: Mapping[str, str], body: bytes) -> None:
        for one in self._all:
            one.upstream_request(attempt, url, headers, body)

    def upstream_head(self, attempt: int, status: int, headers: Mapping[str, str]) -> None:
        for one in self._all:
            one.upstream_head(attempt, status, headers)

    def upstream_data(self, attempt: int, data: bytes) -> None:
        for one in self._all:
            one.upstream_data(attempt, data)

    def client_head(self, status: int, head: bytes) -> None:
        for one in self._all:
            one.client_head(status, head)

    def client_data(self, data: bytes) -> None:
        for one in self._all:
            one.client_data(data)

    def end(self, facts: RequestFacts) -> None:
        for one in self._all:
            one.end(facts)
