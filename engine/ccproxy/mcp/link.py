"""One connection to a server, held open by a task of its own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import mcp_types as types
from mcp.client import advertise
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import TypeAdapter

import mcp
from ccproxy import __version__
from ccproxy.mcp.transports import WatchedStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from mcp.client import Transport
    from mcp.client.context import ClientRequestContext
    from mcp.shared.dispatcher import ProgressFnT

    from ccproxy.jsontypes import JsonObject
    from ccproxy.mcp.calls import Call
    from ccproxy.mcp.party import Party

log: Final = logging.getLogger("ccproxy.mcp")

OURSELVES: Final = types.Implementation(name="ccproxy", title="ccproxy MCP proxy", version=__version__)
EVERYTHING: Final = types.ClientCapabilities(
    sampling=types.SamplingCapability(tools=types.SamplingToolsCapability()),
    elicitation=types.ElicitationCapability(),
    roots=types.RootsCapability(),
)
_ANY: Final[TypeAdapter[Any]] = TypeAdapter(dict[str, Any])


class Asking(types.Request[dict[str, Any], str]):
    """A request as it came from a client."""


class LinkError(Exception):
    """Why a server cannot be reached, for people."""


class Ears(Protocol):
    """Who hears what a server says by itself."""

    async def asked(
        self, link: Link, request: types.ServerRequest, answer: type[types.ClientResult]
    ) -> types.ClientResult | types.ErrorData:
        """Answer a server's question."""

    async def heard(self, link: Link, message: types.ServerNotification) -> None:
        """Take a notification."""


class Link:
    """State of one connection; `party` is the client session that it is for, or None when all share it."""

    def __init__(
        self,
        name: str,
        transport: Transport,
        ears: Ears,
        party: Party | None,
        can: types.ClientCapabilities,
        with_handshake: bool = False,
    ) -> None:
        self.name = name
        self.party = party
        self.calls: list[Call] = []
        self.ended = asyncio.Event()
        self.failure = ""
        self.refused = False
        self.listed_tools = False
        self._agreed = False
        self._ears = ears
        self._leave = asyncio.Event()
        self._client = mcp.Client(
            self._watched(transport),
            cache=None,
            mode="legacy" if with_handshake else "auto",
            client_info=OURSELVES,
            message_handler=self._heard,
            sampling_callback=self._sample if can.sampling else None,
            sampling_capabilities=can.sampling,
            elicitation_callback=self._elicit if can.elicitation else None,
            list_roots_callback=self._roots if can.roots else None,
            extensions=[advertise(name, value) for name, value in (can.extensions or {}).items()] or None,
        )
        self._task: asyncio.Task[None] | None = None

    async def open(self, patience_s: float) -> None:
        """Connect and agree on a protocol version; raises LinkError."""
        ready = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold(ready))
        done, _ = await asyncio.wait({ready, self._task}, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        if ready in done:
            return
        if not done:
            self.failure = f"it did not answer within {patience_s:g} s"
        await self.close()
        raise LinkError(self.failure or "the connection ended")

    async def close(self) -> None:
        """Close the connection and wait until it is."""
        self._leave.set()
        task = self._task
        if task is None or task.done():
            return
        done, _ = await asyncio.wait({task}, timeout=0.1 if self.ended.is_set() or not self.is_ready else 8.0)
        if not done:
            task.cancel()
            await asyncio.wait({task}, timeout=8.0)

    @property
    def is_ready(self) -> bool:
        """Whether requests can be sent."""
        return self._agreed and not self.ended.is_set()

    @property
    def session(self) -> mcp.ClientSession:
        """The SDK's session."""
        return self._client.session

    @property
    def is_modern(self) -> bool:
        """Whether the server speaks a revision without sessions."""
        return self.session.protocol_version in MODERN_PROTOCOL_VERSIONS

    async def request(self, method: str, params: JsonObject, on_progress: ProgressFnT | None = None) -> dict[str, Any]:
        """Send a request as it is and return the result as it is; raises MCPError with the server's error."""
        asking = Asking(method=method, params=params)
        result: dict[str, Any] = await self.session.send_request(asking, _ANY, progress_callback=on_progress)
        return result

    def call_to_ask(self) -> Call | None:
        """Return the call that a server's question belongs to, when there is no doubt."""
        parties = {id(call.party) for call in self.calls}
        return self.calls[-1] if len(parties) == 1 else None

    async def _hold(self, ready: asyncio.Future[None]) -> None:
        try:
            async with self._client:
                self._agreed = True
                self._stream.completes_results = self.is_modern
                ready.set_result(None)
                waits = [asyncio.create_task(event.wait()) for event in (self._leave, self.ended)]
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()
        except Exception as error:
            self.failure = reason_of(error)
            self.refused = isinstance(error, mcp.MCPError) and error.code != types.CONNECTION_CLOSED
            log.debug("mcp server %s: %s", self.name, self.failure, exc_info=True)
        finally:
            self.ended.set()

    @asynccontextmanager
    async def _watched(self, transport: Transport) -> AsyncIterator[Any]:
        async with transport as (reading, writing):
            self._stream = WatchedStream(reading, self.ended)
            yield self._stream, writing

    async def _heard(self, message: types.ServerNotification | Exception) -> None:
        if isinstance(message, Exception):
            log.debug("mcp server %s: %s", self.name, message)
        else:
            await self._ears.heard(self, message)

    async def _sample(self, context: ClientRequestContext, params: types.CreateMessageRequestParams) -> Any:  # noqa: ARG002
        answer = types.CreateMessageResultWithTools if params.tools else types.CreateMessageResult
        return await self._ears.asked(self, types.CreateMessageRequest(params=params), answer)

    async def _elicit(self, context: ClientRequestContext, params: types.ElicitRequestParams) -> Any:  # noqa: ARG002
        return await self._ears.asked(self, types.ElicitRequest(params=params), types.ElicitResult)

    async def _roots(self, context: ClientRequestContext) -> Any:  # noqa: ARG002
        return await self._ears.asked(self, types.ListRootsRequest(), types.ListRootsResult)


def reason_of(error: BaseException) -> str:
    """Return the innermost reason of a failure, in one line."""
    while isinstance(error, BaseExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
