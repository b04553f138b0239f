"""What of one try's answer goes to the client, and when.

With `hold`, nothing goes before its content begins, so that a failure until then can be followed by another try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ccproxy.pipeline.setback import (
    NO_TOOLS,
    NOT_UNDERSTOOD,
    TOOLS_ASKED,
    Setback,
    early_setback,
    kind_of,
    may_be_retried,
    other_words,
    whole_setback,
)
from ccproxy.pipeline.telling import attempts_line
from ccproxy.pipeline.wording import error_event, error_of, send_error
from ccproxy.routing.failures import ProxyError

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.plan import Plan
    from ccproxy.upstream.head import Head


class Delivery:
    """State of one answer on its way to the client.

    `setback` is set when the client got nothing and another try may follow. `outcome` is `ok` or the kind of a unified
    error; `blames_provider` tells whose fault it was.
    """

    def __init__(self, call: Call, plan: Plan, answer: Answer, hold: bool) -> None:
        self._call = call
        self._plan = plan
        self._answer = answer
        self._reply = call.reply
        self._number = len(call.facts.attempts)
        self._held: list[bytes] = []
        self.hold = hold
        self.head: Head | None = None
        self.in_pieces = False
        self.setback: Setback | None = None
        self.outcome = "ok"
        self.blames_provider = False
        if hold:
            answer.hold_beginning()

    @property
    def status(self) -> int:
        """The provider's status, 0 when it gave none."""
        return self.head.status if self.head is not None else 0

    def begin(self, head: Head) -> None:
        """Begin the client's answer when it comes in pieces."""
        self.head = head
        self.in_pieces = self._answer.comes_in_pieces(head.status, head.headers.get("content-type", ""))
        if self.in_pieces and not self.hold:
            self._begin()

    def piece(self, data: bytes, last: bool) -> bool:
        """Pass a piece on; return whether another try has to answer instead."""
        piece = self._answer.feed(data)
        if last and self.head is not None and self._answer.malformed:
            self.setback = other_words(NOT_UNDERSTOOD, self.head)
        elif self.hold:
            self._keep(piece + self._answer.close() if last else piece, last)
        elif last:
            self.finish(piece + self._close(piece))
        else:
            self._reply.write(piece)
        return self.setback is not None

    def whole(self, head: Head, body: bytes) -> None:
        """Pass an answer in one piece on."""
        if self.hold:
            self.setback = whole_setback(head, body, self._answer.refusal_in)
        if head.status >= 400 and self._learns(head, body):
            self.setback = other_words(NO_TOOLS, head)
        if self.setback is not None:
            return
        started = self._reply.started
        status, lines, told = (
            (200, b"", self._answer.late(head.status, body))
            if started
            else self._answer.whole(head.status, head.headers, body)
        )
        if self._answer.malformed:
            self.setback = other_words(NOT_UNDERSTOOD, head)
        elif self._answer.goes_on:
            if told and not started:
                self._reply.begin(status, lines + self._attempts_line())
            self.finish(told)
        elif started:
            self.finish(told)
        else:
            self._reply.send(status, lines + self._attempts_line(), told)

    def deliver(self, setback: Setback) -> None:
        """Give the client a setback after all, since no further try follows."""
        self.hold, self.setback = False, None
        if setback.events is not None:
            self._begin()
            self.finish(setback.events)
        elif setback.head is not None:
            self.whole(setback.head, setback.body)
        else:
            self.fail(setback.error)
        self._call.facts.error = str(setback.error.get("kind"))

    def ping(self) -> None:
        """Tell a waiting client that the connection lives."""
        if self._reply.ended or not self._answer.asks_for_stream():
            return
        ping = self._answer.ping()
        if not self._reply.started:
            self._reply.begin(200, self._answer.stream_head({}))
        self._reply.write(ping)

    def fail(self, error: JsonObject) -> None:
        """End in an error, or in a setback."""
        if self.hold:
            self.setback = Setback(self.status if self.status >= 300 else 0, error)
            return
        self.outcome = str(error.get("kind"))
        self.blames_provider = True
        if self._reply.started:
            self.finish(self._last_words({"request_id": self._reply.request_id, **error}))
        else:
            head = self._plan.head + self._attempts_line(self.outcome)
            send_error(self._call.tools.engine, self._reply, self._plan.source, error, head)

    def finish(self, piece: bytes) -> None:
        """Write the last piece, unless it has been written; where tools are run first, it is not the client's last."""
        if self._answer.goes_on and self.head is not None:
            self._reply.write(piece)
            self.setback = other_words(TOOLS_ASKED, self.head)
        elif not self._reply.ended:
            self._reply.end(piece)

    def sum_up(self) -> None:
        """Note the outcome, and what the answer used when somebody will ask."""
        if self.setback is not None:
            return
        error = self._answer.error if self.in_pieces else None
        if self.outcome == "ok":
            self.outcome = kind_of(self.status) if error is None else str(error.get("kind"))
        self.blames_provider = self.blames_provider or error is not None or may_be_retried(self.status)
        facts = self._call.facts
        facts.error = "" if self.outcome == "ok" else self.outcome
        facts.cut = self.in_pieces and self.outcome != "ok"
        if self._call.tools.observers and self.outcome == "ok":
            facts.usage = self._answer.usage()

    def _keep(self, piece: bytes, last: bool) -> None:
        """Keep a stream's beginning until its content begins; an error before that is a setback."""
        self._held.append(piece)
        answer = self._answer
        if self.head is not None and not answer.has_content and answer.error is not None:
            self.setback = early_setback(answer.error, self.head, b"".join(self._held))
        elif answer.has_content or answer.finished or last:
            self.hold = False
            kept = b"".join(self._held)
            self._held.clear()
            if kept or not answer.goes_on:
                self._begin()
            self.finish(kept) if last else self._reply.write(kept)

    def _learns(self, head: Head, body: bytes) -> bool:
        """Whether a refusal of the interface for tools is news, so that they go as text from now on."""
        plan = self._plan
        if plan.compat is not None or not plan.operation.is_chat or (may_be_retried(head.status) and head.status < 500):
            return False
        return self._call.tools.tool_modes.learn(plan.policy, plan.backend, body)

    def _begin(self) -> None:
        if not self._reply.started and self.head is not None:
            head = self._answer.stream_head(self.head.headers)
            self._reply.begin(self.head.status, head + self._attempts_line())

    def _close(self, piece: bytes) -> bytes:
        """Return the end of the client's stream; `piece` goes first when the stream must end in an error."""
        try:
            return self._answer.close()
        except ProxyError:
            self._reply.write(piece)
            raise

    def _last_words(self, error: JsonObject) -> bytes:
        try:
            return self._answer.fail(error)
        except Exception as failure:
            error_of(failure, self._reply.request_id)
            return error_event(self._call.tools.engine, self._plan.source, error)

    def _attempts_line(self, outcome: str = "") -> bytes:
        return attempts_line(self._call.facts.attempts[: self._number], self._plan, self.status, outcome)
