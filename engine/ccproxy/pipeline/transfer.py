"""Move one request and its answer between two connections. All decisions are made elsewhere.

The answer is pushed: what the upstream's connection reads goes through the conversion to the client's connection in one
call. The request's task only waits for the end.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.reply import ClientGoneError
from ccproxy.pipeline.wording import error_event, error_of, send_error
from ccproxy.routing.failures import ProxyError
from ccproxy.upstream.failures import UPSTREAM_FAILURES, failure_of, silence
from ccproxy.upstream.head import BrokenAnswerError
from ccproxy.wire.limits import MAX_EVENT_BYTES

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.reply import Reply
    from ccproxy.pipeline.tools import Tools
    from ccproxy.upstream.connection import Connection
    from ccproxy.upstream.head import Head

# How long an upstream may keep a connection open after it said that its stream is complete.
GRACE_S: Final = 2.0


class Transfer:
    """State of one request on its way to a provider and back."""

    def __init__(self, tools: Tools, plan: Plan, answer: Answer, reply: Reply) -> None:
        self._tools = tools
        self._provider = plan.endpoint.provider
        self._plan = plan
        self._answer = answer
        self._reply = reply
        self._connection: Connection | None = None
        self._head: Head | None = None
        self._in_pieces = False
        self._parts: list[bytes] = []
        self._size = 0
        self._drained: asyncio.Task[None] | None = None
        self._watch = tools.watchman.begin(self._provider.timeouts.first_byte_s)
        self._watch.ping = self._ping

    async def run(self, request: bytes) -> None:
        """Send the request and bring the answer back, or an error in its place."""
        try:
            await self._exchange(request)
        except asyncio.CancelledError:
            if not self._watch.recover():
                raise
            self._run_out()
        except UPSTREAM_FAILURES as failure:
            self._fail(failure_of(failure, self._provider).error)
        finally:
            self._tools.watchman.end(self._watch)
            self._watch.ping = None  # a cycle of references would keep the bodies until the collector runs
            if self._connection is not None:
                self._connection.close()

    async def _exchange(self, request: bytes) -> None:
        """Send on a pooled connection; when it turns out to be dead, on a new one."""
        pool = self._tools.pool
        connection = pool.take(self._plan.endpoint.origin)
        while True:
            if connection is None:
                connection = await pool.open(self._plan.endpoint)
            self._connection = connection
            self._done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            connection.send(request, self)
            if await self._done:
                return
            connection = None

    def on_head(self, head: Head) -> None:
        """Begin the client's answer when it comes in pieces."""
        self._head = head
        self._watch.moved_at = monotonic()
        self._watch.limit_s = self._provider.timeouts.idle_s
        try:
            self._in_pieces = self._answer.comes_in_pieces(head.status, head.headers.get("content-type", ""))
            if self._in_pieces and not self._reply.started:
                self._reply.begin(head.status, self._answer.stream_head(head.headers))
        except Exception as failure:
            self._give_up(failure)

    def on_data(self, data: bytes, last: bool) -> None:
        """Pass a piece on: one write for each read."""
        self._watch.moved_at = monotonic()
        try:
            if self._in_pieces:
                self._pass_piece(data, last)
            else:
                self._collect(data, last)
        except Exception as failure:
            self._give_up(failure)
        if last:
            self._connection = None  # the pool has it
            self._end(True)

    def on_failure(self, error: Exception) -> None:
        """Try again when a pooled connection had been closed by the other side; else end with an error."""
        connection, self._connection = self._connection, None
        if self._head is None and connection is not None and connection.used > 1 and isinstance(error, OSError):
            self._end(False)
        else:
            self._give_up(failure_of(error, self._provider, answering=self._head is not None))

    def _pass_piece(self, data: bytes, last: bool) -> None:
        piece = self._answer.feed(data)
        if last:
            self._finish(piece + self._close(piece))
            return
        self._reply.write(piece)
        if self._reply.is_congested:
            self._hold_back()
        if self._answer.finished:
            self._watch.limit_s = GRACE_S

    def _close(self, piece: bytes) -> bytes:
        """Return the end of the client's stream; `piece` goes first when the stream must end in an error."""
        try:
            return self._answer.close()
        except ProxyError:
            self._reply.write(piece)
            raise

    def _collect(self, data: bytes, last: bool) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > MAX_EVENT_BYTES:
            raise failure_of(BrokenAnswerError(f"more than {MAX_EVENT_BYTES} bytes in one piece"), self._provider)
        if last and self._head is not None:
            self._pass_whole(self._head, b"".join(self._parts))

    def _pass_whole(self, head: Head, body: bytes) -> None:
        if head.status >= 300:
            body = self._plan.endpoint.without_key(body)
        if self._reply.started:
            self._finish(self._answer.late(head.status, body))
        else:
            self._reply.send(*self._answer.whole(head.status, head.headers, body))

    def _hold_back(self) -> None:
        """Read no more until a slow client has taken most of what was written."""
        if self._connection is not None and (self._drained is None or self._drained.done()):
            self._connection.pause()
            self._drained = asyncio.ensure_future(self._go_on_when_drained(self._connection))

    async def _go_on_when_drained(self, connection: Connection) -> None:
        try:
            await self._reply.drain()
        except ClientGoneError:
            return
        self._watch.moved_at = monotonic()
        connection.resume()

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
        begun = self._head is not None
        if begun and self._answer.finished:
            self._finish(self._answer.close())
            return
        timeouts = self._provider.timeouts
        self._fail(silence(self._provider, timeouts.idle_s if begun else timeouts.first_byte_s, begun).error)

    def _give_up(self, failure: Exception) -> None:
        """End because of an exception; a client that is gone needs no words."""
        if not isinstance(failure, ClientGoneError):
            try:
                self._fail(error_of(failure, self._reply.request_id, self._provider.name))
            except ClientGoneError as gone:
                failure = gone
        if isinstance(failure, ClientGoneError) and not self._done.done():
            self._done.set_exception(failure)
        self._end(True)

    def _end(self, complete: bool) -> None:
        if not self._done.done():
            self._done.set_result(complete)

    def _fail(self, error: JsonObject) -> None:
        if self._reply.started:
            self._finish(self._last_words({"request_id": self._reply.request_id, **error}))
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
