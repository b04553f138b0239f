"""One connection to an upstream: writes requests, gives what comes back to a receiver as it comes.

Nothing is awaited between the socket and the receiver: for a stream of many small events, futures and task switches
would cost more than everything else.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from ccproxy.upstream.bodies import body_of
from ccproxy.upstream.head import LONGEST_HEAD_BYTES, BrokenAnswerError, Head, parse_head

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.upstream.bodies import Body


class Receiver(Protocol):
    """Whoever sent the request. No method may raise."""

    def on_head(self, head: Head) -> None:
        """Take the answer's head."""

    def on_data(self, data: bytes, last: bool) -> None:
        """Take a piece of the answer's body."""

    def on_failure(self, error: Exception) -> None:
        """Take note that the answer will not be completed."""


class Connection(asyncio.Protocol):
    """State of one connection; idle when it has no receiver."""

    def __init__(self, release: Callable[[Connection], None]) -> None:
        self._release = release
        self._transport: asyncio.Transport | None = None
        self._receiver: Receiver | None = None
        self._pending = b""
        self._head: Head | None = None
        self._body: Body | None = None
        self.idle_since = 0.0
        self.used = 0

    @property
    def is_open(self) -> bool:
        """Whether a request can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes, receiver: Receiver) -> None:
        """Write a request; the receiver gets the answer."""
        if self._transport is None:
            raise ConnectionResetError
        self._receiver = receiver
        self._head = None
        self._body = None
        self.used += 1
        self._transport.write(request)

    def close(self) -> None:
        """Close at once; the receiver hears no more."""
        self._receiver = None
        if self._transport is not None:
            self._transport.abort()

    def pause(self) -> None:
        """Stop reading for a while."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self.is_open and self._transport is not None:
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket."""
        if self._receiver is None:
            self.close()  # nobody asked
            return
        try:
            self._take(data)
        except BrokenAnswerError as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the receiver when its answer is not complete."""
        self._transport = None
        if self._receiver is None:
            return
        if self._body is None:
            self._fail(exc or ConnectionResetError())
            return
        try:
            self._body.end()
        except BrokenAnswerError as error:
            self._fail(error)
        else:
            self._finish(b"")

    def _take(self, data: bytes) -> None:
        body = self._body
        if body is None:
            self._take_head(data)
            return
        piece = body.feed(data)
        if body.done:
            self._finish(piece)
        elif piece and self._receiver is not None:
            self._receiver.on_data(piece, False)

    def _take_head(self, data: bytes) -> None:
        data = self._pending + data
        text, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            if len(data) > LONGEST_HEAD_BYTES:
                raise BrokenAnswerError("the answer's head is too long")
            self._pending = data
            return
        self._pending = b""
        head = parse_head(text)
        if head.is_interim:
            if rest:
                self._take_head(rest)
            return
        self._head = head
        self._body = body_of(head)
        if self._receiver is not None:
            self._receiver.on_head(head)
        if self._body.done:
            self._finish(b"")
        elif rest and self._receiver is not None:
            self._take(rest)

    def _finish(self, piece: bytes) -> None:
        """Give the last piece and become idle, or close when the upstream will."""
        receiver, self._receiver = self._receiver, None
        if self.is_open and self._head is not None and self._head.keep_alive:
            self._release(self)
        else:
            self.close()
        if receiver is not None:
            receiver.on_data(piece, True)

    def _fail(self, error: Exception) -> None:
        receiver = self._receiver
        self.close()
        if receiver is not None:
            receiver.on_failure(error)
