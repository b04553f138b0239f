"""Move one request and its answer between two connections. All decisions are made elsewhere.

The answer is pushed: what the upstream's connection reads goes through the conversion to the client's connection in one
call. The request's task only waits for the end.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.brake import Brake
from ccproxy.pipeline.delivery import Delivery
from ccproxy.pipeline.reply import ClientGoneError
from ccproxy.pipeline.setback import retry_after
from ccproxy.pipeline.telling import tell_request
from ccproxy.pipeline.wording import error_of
from ccproxy.upstream.failures import UPSTREAM_FAILURES, failure_of, silence
from ccproxy.upstream.head import BrokenAnswerError
from ccproxy.wire.limits import MAX_EVENT_BYTES

if TYPE_CHECKING:
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.plan import Plan
    from ccproxy.pipeline.setback import Setback
    from ccproxy.upstream.connection import Connection
    from ccproxy.upstream.head import Head

# How long an upstream may keep a connection open after it said that its stream is complete.
GRACE_S: Final = 2.0


class Transfer:
    """State of one try: a request on its way to a provider and its answer on the way back."""

    def __init__(self, call: Call, plan: Plan, answer: Answer, hold: bool) -> None:
        self._call = call
        self._plan = plan
        self._provider = plan.endpoint.provider
        self._answer = answer
        self._stages = call.stages
        self._number = len(call.facts.attempts)
        self._connection: Connection | None = None
        self._parts: list[bytes] = []
        self._size = 0
        self._watch = call.tools.watchman.begin(self._provider.timeouts.first_byte_s)
        self.delivery = Delivery(call, plan, answer, hold)
        self._watch.ping = self.delivery.ping
        self._brake = Brake(call.reply, self._watch)

    @property
    def retry_after_s(self) -> float | None:
        """For how long the provider asks to be left alone."""
        head = self.delivery.head
        return retry_after(head.headers) if head is not None else None

    async def run(self, request: bytes) -> Setback | None:
        """Send the request and bring the answer back, or an error in its place; a setback when nothing was given."""
        try:
            await self._exchange(request)
        except asyncio.CancelledError:
            if not self._watch.recover():
                raise
            self._run_out()
        except UPSTREAM_FAILURES as failure:
            self.delivery.fail(failure_of(failure, self._provider).error)
        finally:
            self._call.tools.watchman.end(self._watch)
            self._watch.ping = None  # a cycle of references would keep the bodies until the collector runs
            if self._connection is not None:
                self._connection.close()
        self.delivery.sum_up()
        return self.delivery.setback

    async def _exchange(self, request: bytes) -> None:
        """Send on a pooled connection; when it turns out to be dead, on a new one."""
        pool, endpoint = self._call.tools.pool, self._plan.endpoint
        if self._stages is not None:
            tell_request(self._stages, self._number, request, self._plan)
        connection = pool.take(endpoint.origin)
        while True:
            if connection is None:
                connection = await pool.open(endpoint)
            self._connection = connection
            self._done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            connection.send(request, self)
            if await self._done:
                return
            connection = None

    def on_head(self, head: Head) -> None:
        """Begin the client's answer when it comes in pieces."""
        self._watch.moved_at = monotonic()
        self._watch.limit_s = self._provider.timeouts.idle_s
        if self._stages is not None:
            self._stages.upstream_head(self._number, head.status, head.headers)
        try:
            self.delivery.begin(head)
        except Exception as failure:
            self._give_up(failure)

    def on_data(self, data: bytes, last: bool) -> None:
        """Pass a piece on: one write for each read."""
        self._watch.moved_at = monotonic()
        if self._stages is not None and data:
            self._stages.upstream_data(self._number, data)
        try:
            if self.delivery.in_pieces:
                self._pass_piece(self._plan.endpoint.without_key(data), last)
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
        begun = self.delivery.head is not None
        if not begun and connection is not None and connection.used > 1 and isinstance(error, OSError):
            self._end(False)
        else:
            self._give_up(failure_of(error, self._provider, answering=begun))

    def _pass_piece(self, data: bytes, last: bool) -> None:
        if self.delivery.piece(data, last):
            self._end(True)
        elif not last:
            if self._call.reply.is_congested:
                self._brake.hold(self._connection)
            if self._answer.finished:
                self._watch.limit_s = GRACE_S

    def _collect(self, data: bytes, last: bool) -> None:
        self._parts.append(data)
        self._size += len(data)
        if self._size > MAX_EVENT_BYTES:
            raise failure_of(BrokenAnswerError(f"more than {MAX_EVENT_BYTES} bytes in one piece"), self._provider)
        head = self.delivery.head
        if last and head is not None:
            self.delivery.whole(head, self._plan.endpoint.without_key(b"".join(self._parts)))

    def _run_out(self) -> None:
        """End an answer whose upstream kept silent for too long."""
        begun = self.delivery.head is not None
        if self.delivery.in_pieces and self._answer.finished:
            self.delivery.finish(self._answer.close())
            return
        timeouts = self._provider.timeouts
        seconds = timeouts.idle_s if begun else timeouts.first_byte_s
        self.delivery.fail(silence(self._provider, seconds, begun).error)

    def _give_up(self, failure: Exception) -> None:
        """End because of an exception; a client that is gone needs no words."""
        if not isinstance(failure, ClientGoneError):
            try:
                error = error_of(failure, self._call.reply.request_id, self._provider.name)
                self.delivery.hold = self.delivery.hold and hasattr(failure, "error")  # our own fault would come again
                self.delivery.fail(error)
            except ClientGoneError as gone:
                failure = gone
        if isinstance(failure, ClientGoneError) and not self._done.done():
            self._done.set_exception(failure)
        self._end(True)

    def _end(self, complete: bool) -> None:
        if not self._done.done():
            self._done.set_result(complete)
