"""Move one request and its answer between two connections. All decisions are made elsewhere."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.reply import ClientGoneError
from ccproxy.pipeline.wording import error_event, error_of, send_error
from ccproxy.upstream.client import send
from ccproxy.upstream.failures import UPSTREAM_FAILURES, failure_of, silence

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from multidict import CIMultiDict
    from yarl import URL

    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.tools import Tools

# How long an upstream may keep a connection open after it said that its stream is complete.
GRACE_S: Final = 2.0


class Transfer:
    """State of one request on its way to a provider and back."""

    def __init__(self, tools: Tools, plan: Plan, answer: Answer, reply: Reply) -> None:
        self._tools = tools
        self._plan = plan
        self._answer = answer
        self._reply = reply
        self._response: ClientResponse | None = None
        self._timeouts = plan.endpoint.provider.timeouts
        self._watch = tools.watchman.begin(self._timeouts.first_byte_s)
        self._watch.ping = self._ping

    async def run(self, url: URL, headers: CIMultiDict[str], body: bytes) -> None:
        """Send the request and bring the answer back, or an error in its place."""
        try:
            await self._move(url, headers, body)
        except asyncio.CancelledError:
            if not self._watch.recover():
                raise
            self._run_out()
        except ClientGoneError:
            raise
        except UPSTREAM_FAILURES as failure:
            self._fail(failure_of(failure, self._plan.endpoint.provider).error)
        except Exception as failure:
            self._fail(error_of(failure, self._reply.request_id))
        finally:
            self._tools.watchman.end(self._watch)
            self._watch.ping = None  # a cycle of references would keep the bodies until the collector runs
            if self._response is not None and not self._response.closed:
                self._response.close()

    async def _move(self, url: URL, headers: CIMultiDict[str], body: bytes) -> None:
        response = self._response = await send(self._tools.session, self._plan.endpoint, url, headers, body)
        self._watch.moved_at = monotonic()
        self._watch.limit_s = self._timeouts.idle_s
        content_type = response.headers.get("content-type", "")
        if self._answer.comes_in_pieces(response.status, content_type):
            await self._pump(response)
        else:
            self._pass_whole(response, await response.read())

    def _pass_whole(self, response: ClientResponse, body: bytes) -> None:
        if self._reply.started:
            self._finish(self._answer.late(response.status, body))
        else:
            self._reply.send(*self._answer.whole(response.status, response.headers, body))

    async def _pump(self, response: ClientResponse) -> None:
        """Pass pieces on until the upstream has no more: one write for each read."""
        reply, answer, watch = self._reply, self._answer, self._watch
        if not reply.started:
            reply.begin(response.status, answer.stream_head(response.headers))
        content, feed, write = response.content, answer.feed, reply.write
        while chunk := await content.readany():
            watch.moved_at = monotonic()
            piece = feed(chunk)
            if content.at_eof():
                self._finish(piece + answer.close())
                return
            write(piece)
            if reply.is_full:
                await reply.drain()
            if answer.finished:
                watch.limit_s = GRACE_S
        self._finish(answer.close())

    def _ping(self) -> None:
        """Tell a waiting client that the connection lives; called by the ticker."""
        if self._reply.ended or not self._answer.asks_for_stream():
            return
        ping = self._answer.ping()
        if not self._reply.started:
            self._reply.begin(200, self._answer.stream_head({}))
        self._reply.write(ping)

    def _run_out(self) -> None:
        """End an answer whose upstream kept silent for too long."""
        begun = self._response is not None
        if begun and self._answer.finished:
            self._finish(self._answer.close())
            return
        limit_s = self._timeouts.idle_s if begun else self._timeouts.first_byte_s
        self._fail(silence(self._plan.endpoint.provider, limit_s, begun).error)

    def _fail(self, error: JsonObject) -> None:
        if self._reply.started:
            self._finish(self._last_words(error))
        else:
            send_error(self._tools.engine, self._reply, self._plan.source, error, self._plan.head)

    def _finish(self, piece: bytes) -> None:
        if not self._reply.ended:
            self._reply.end(piece)

    def _last_words(self, error: JsonObject) -> bytes:
        try:
            return self._answer.fail(error)
        except Exception as failure:
            error_of(failure, self._reply.request_id)
            return error_event(self._tools.engine, self._plan.source, error)
