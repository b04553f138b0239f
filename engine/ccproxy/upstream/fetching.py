"""One small question to a provider and its whole answer, for the proxy's own needs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from ccproxy.upstream.head import BrokenAnswerError

if TYPE_CHECKING:
    from ccproxy.upstream.endpoint import Endpoint
    from ccproxy.upstream.head import Head
    from ccproxy.upstream.pool import Pool

LARGEST_ANSWER_BYTES: Final = 32 << 20


class Collector:
    """State: an answer as far as it has come, and a future for its end."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.head: Head | None = None
        self.body = bytearray()

    def on_head(self, head: Head) -> None:
        """Take the answer's head."""
        self.head = head

    def on_data(self, data: bytes, last: bool) -> None:
        """Take a piece of the body."""
        self.body += data
        if len(self.body) > LARGEST_ANSWER_BYTES:
            self.on_failure(BrokenAnswerError(f"more than {LARGEST_ANSWER_BYTES} bytes"))
        elif last and not self.done.done():
            self.done.set_result(None)

    def on_failure(self, error: Exception) -> None:
        """Take note that there will be no answer."""
        if not self.done.done():
            self.done.set_exception(error)


async def fetch(pool: Pool, endpoint: Endpoint, body: bytes, seconds: float) -> tuple[int, bytes]:
    """Return status and body; raises OSError (TimeoutError too) or BrokenAnswerError."""
    collector = Collector()
    async with asyncio.timeout(seconds):
        connection = await pool.open(endpoint)
        try:
            connection.send(
                b"%b%d\r\n\r\n%b" % (endpoint.request_head(endpoint.target, {}), len(body), body), collector
            )
            await collector.done
        finally:
            if not collector.done.done():
                connection.close()
    return collector.head.status if collector.head is not None else 0, bytes(collector.body)
