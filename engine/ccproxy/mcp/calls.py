"""One request on its way through to a server: who asked, how long it may take, and what may be asked back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp.server.session import ServerSession
    from mcp_types import RequestId

    from ccproxy.mcp.party import Party


@dataclass(slots=True, eq=False)
class Call:
    """State of one request: its time runs from the last sign of life, and stands still while a person is asked."""

    party: Party
    speaker: ServerSession
    request_id: RequestId | None
    timeout_s: float
    asker: object | None = None
    _deadline: asyncio.Timeout | None = None
    _telling: int = 0
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def timed(self) -> AsyncIterator[None]:
        """Limit the time; raises TimeoutError."""
        async with asyncio.timeout(self.timeout_s) as self._deadline:
            yield

    def alive(self) -> None:
        """Begin the time anew."""
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time() + self.timeout_s)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Stop the time while the client is asked something."""
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(None)
        try:
            yield
        finally:
            self.alive()

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the client something that must arrive before the result."""
        self._telling += 1
        try:
            yield
        finally:
            self._telling -= 1
            if not self._telling:
                self._told.set()

    async def all_told(self, patience_s: float = 5.0) -> None:
        """Wait until the client was told everything."""
        while self._telling:
            self._told.clear()
            try:
                await asyncio.wait_for(self._told.wait(), patience_s)
            except TimeoutError:
                return

    async def progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Pass progress on."""
        self.alive()
        with self.telling():
            await self.speaker.report_progress(progress, total, message)
