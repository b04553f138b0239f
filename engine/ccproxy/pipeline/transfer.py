"""Move one request and its answer between two connections. All decisions are made elsewhere.

The answer is pushed: what the upstream's connection reads goes through the conversion to the client's connection in one
call. The request's task only waits for the end.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Final

from ccproxy.pipeline.brake import Brake
from ccproxy.pipeline.reply import ClientGoneError
from ccproxy.pipeline.setback import (
    NO_TOOLS,
    NOT_UNDERSTOOD,
    Setback,
    early_setback,
    kind_of,
    may_be_retried,
    other_words,
    retry_after,
    whole_setback,
)
from ccproxy.pipeline.telling import attempts_line, tell_request
from ccproxy.pipeline.wording import error_event, error_of, send_error
from ccproxy.routing.failures import ProxyError
from ccproxy.upstream.failures import UPSTREAM_FAILURES, failure_of, silence
from ccproxy.upstream.head import BrokenAnswerError
from ccproxy.wire.limits import MAX_EVENT_BYTES

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.plan import Plan
    from ccproxy.upstream.connection import Connection
    from ccproxy.upstream.head import Head

# How long an upstream may keep a connection open after it said that its stream is complete.
GRACE_S: Final = 2.0


class Transfer:
    """State of one try: a request on its way to a provider and its answer on the way back.

    With `hold`, nothing of an answer goes to the client before its content begins, so that a failure until then can be
    followed by another try. After `run`, `status` is the provider's (0: none) and `outcome` is `ok` or the kind of a
    unified error.
    """

    def __init__(self, call: Call, plan: Plan, answer: Answer, hold: bool) -> None:
        self._call = call
        self._provider = plan.endpoint.provider
        self._plan = plan
        self._answer = answer
        self._reply = call.reply
        self._stages = call.stages
        self._number = len(call.facts.attempts)
        self._hold = hold
        self._held: list[bytes] = []
        self._setback: Setback | None = None
        self._connection: Connection | None = None
        self._head: Head | None = None
        self._in_pieces = False
        self._parts: list[bytes] = []
        self._size = 0
        self._watch = call.tools.watchman.begin(self._provider.timeouts.first_byte_s)
        self._watch.ping = self._ping
        self._brake = Brake(call.reply, self._watch)
        self.outcome = "ok"
        self.blames_provider = False
        if hold:
            answer.hold_beginning()

    @property
    def status(self) -> int:
        """The provider's status, 0 when it gave none."""
        return self._head.status if self._head is not None else 0

    @property
    def retry_after_s(self) -> float | None:
        """For how long the provider asks to be left alone."""
        return retry_after(self._head.headers) if self._head is not None else None

    async def run(self, request: bytes) -> Setback | None:
        """Send the request and bring the answer back, or an error in its place; a setback when nothing was given."""
        try:
            await self._exchange(request)
        except asyncio.CancelledError:
            if not self._watch.recover():
                raise
            self._run_out()
        except UPSTREAM_FAILURES as failure:
            self._fail(failure_of(failure, self._provider).error)
        finally:
            self._call.tools.watchman.end(self._watch)
            self._watch.ping = None  # a cycle of references would keep the bodies until the collector runs
            if self._connection is not None:
                self._connection.close()
        self._sum_up()
        return self._setback

    def deliver(self, setback: Setback) -> None:
        """Give the client a setback after all, since no further try follows."""
        self._hold = False
        if setback.events is not None:
            self._begin()
            self._finish(setback.events)
        elif setback.head is not None:
            self._pass_whole(setback.head, setback.body)
        else:
            self._fail(setback.error)

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
        self._head = head
        self._watch.moved_at = monotonic()
        self._watch.limit_s = self._provider.timeouts.idle_s
        if self._stages is not None:
            self._stages.upstream_head(self._number, head.status, head.headers)
        try:
            self._in_pieces = self._answer.comes_in_pieces(head.status, head.headers.get("content-type", ""))
            if self._in_pieces and not self._hold:
                self._begin()
        except Exception as failure:
            self._give_up(failure)

    def on_data(self, data: bytes, last: bool) -> None:
        """Pass a piece on: one write for each read."""
        self._watch.moved_at = monotonic()
        if self._stages is not None and data:
            self._stages.upstream_data(self._number, data)
        try:
            if self._in_pieces:
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
        if self._head is None and connection is not None and connection.used > 1 and isinstance(error, OSError):
            self._end(False)
        else:
            self._give_up(failure_of(error, self._provider, answering=self._head is not None))

    def _pass_piece(self, data: bytes, last: bool) -> None:
        piece = self._answer.feed(data)
        if last and self._head is not None and self._answer.malformed:
            self._setback = other_words(NOT_UNDERSTOOD, self._head)
            return
        if self._hold:
            if last:
                piece += self._answer.close()
            if not self._lets_go(piece, last):
                return
            piece = b"".join(self._held)
            self._held.clear()
            if last:
                self._finish(piece)
                return
        elif last:
            self._finish(piece + self._close(piece))
            return
        self._reply.write(piece)
        if self._reply.is_congested:
            self._brake.hold(self._connection)
        if self._answer.finished:
            self._watch.limit_s = GRACE_S

    def _lets_go(self, piece: bytes, last: bool) -> bool:
        """Keep a stream's beginning until its content begins; an error before that is a setback."""
        self._held.append(piece)
        answer = self._answer
        if self._head is not None and not answer.has_content and answer.error is not None:
            self._setback = early_setback(answer.error, self._head, b"".join(self._held))
            self._end(True)
            return False
        if answer.has_content or answer.finished or last:
            self._hold = False
            self._begin()
        return not self._hold

    def _begin(self) -> None:
        if not self._reply.started and self._head is not None:
            head = self._answer.stream_head(self._head.headers)
            self._reply.begin(self._head.status, head + self._attempts_line())

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
            self._pass_whole(self._head, self._plan.endpoint.without_key(b"".join(self._parts)))

    def _pass_whole(self, head: Head, body: bytes) -> None:
        if self._hold:
            self._setback = whole_setback(head, body, self._answer.refusal_in)
        if head.status >= 400 and self._learns(head, body):
            self._setback = other_words(NO_TOOLS, head)
        if self._setback is not None and (self._hold or self._setback.again):
            return
        started = self._reply.started
        status, lines, told = (
            (200, b"", self._answer.late(head.status, body))
            if started
            else self._answer.whole(head.status, head.headers, body)
        )
        if self._answer.malformed:
            self._setback = other_words(NOT_UNDERSTOOD, head)
        elif started:
            self._finish(told)
        else:
            self._reply.send(status, lines + self._attempts_line(), told)

    def _learns(self, head: Head, body: bytes) -> bool:
        """Whether a refusal of the interface for tools is news, so that they go as text from now on."""
        plan = self._plan
        if plan.compat is not None or not plan.operation.is_chat or (may_be_retried(head.status) and head.status < 500):
            return False
        return self._call.tools.tool_modes.learn(plan.policy, plan.backend, body)

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
        if begun and self._in_pieces and self._answer.finished:
            self._finish(self._answer.close())
            return
        timeouts = self._provider.timeouts
        self._fail(silence(self._provider, timeouts.idle_s if begun else timeouts.first_byte_s, begun).error)

    def _give_up(self, failure: Exception) -> None:
        """End because of an exception; a client that is gone needs no words."""
        if not isinstance(failure, ClientGoneError):
            try:
                error = error_of(failure, self._reply.request_id, self._provider.name)
                self._hold = self._hold and hasattr(failure, "error")  # a fault of ours would come again
                self._fail(error)
            except ClientGoneError as gone:
                failure = gone
        if isinstance(failure, ClientGoneError) and not self._done.done():
            self._done.set_exception(failure)
        self._end(True)

    def _end(self, complete: bool) -> None:
        if not self._done.done():
            self._done.set_result(complete)

    def _fail(self, error: JsonObject) -> None:
        if self._hold:
            self._setback = Setback(self.status if self.status >= 300 else 0, error)
            return
        self.outcome = str(error.get("kind"))
        self.blames_provider = True
        if self._reply.started:
            self._finish(self._last_words({"request_id": self._reply.request_id, **error}))
        else:
            head = self._plan.head + self._attempts_line(self.outcome)
            send_error(self._call.tools.engine, self._reply, self._plan.source, error, head)

    def _finish(self, piece: bytes) -> None:
        if not self._reply.ended:
            self._reply.end(piece)

    def _last_words(self, error: JsonObject) -> bytes:
        try:
            return self._answer.fail(error)
        except Exception as failure:
            error_of(failure, self._reply.request_id)
            return error_event(self._call.tools.engine, self._plan.source, error)

    def _attempts_line(self, outcome: str = "") -> bytes:
        return attempts_line(self._call.facts.attempts[: self._number], self._plan, self.status, outcome)

    def _sum_up(self) -> None:
        """Note the outcome, and what the answer used when somebody will ask."""
        if self._setback is not None:
            return
        error = self._answer.error if self._in_pieces else None
        if self.outcome == "ok":
            self.outcome = kind_of(self.status) if error is None else str(error.get("kind"))
        self.blames_provider = self.blames_provider or error is not None or may_be_retried(self.status)
        facts = self._call.facts
        facts.error = "" if self.outcome == "ok" else self.outcome
        facts.cut = self._in_pieces and self.outcome != "ok"
        if self._call.tools.observers and self.outcome == "ok":
            facts.usage = self._answer.usage()
