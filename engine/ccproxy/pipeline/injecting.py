"""Tools that the proxy runs for the models of a chat request: offered with it, called between its rounds."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, Final, Protocol, cast

from ccproxy.inject.results import failure_block, result_block
from ccproxy.inject.rounds import Rounds
from ccproxy.pipeline.injected import InjectedAnswer
from ccproxy.routing.facts import ToolRun

if TYPE_CHECKING:
    from ccproxy.config.mcp_settings import McpInject
    from ccproxy.jsontypes import JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.engine_port import Exchange
    from ccproxy.pipeline.injected import RoundExchange
    from ccproxy.pipeline.plan import Plan
    from ccproxy.unified.model import Block

log: Final = logging.getLogger("ccproxy.mcp")
AT_ONCE: Final = 8
LONGEST_REASON: Final = 500


class JoinedTools(Protocol):
    """The tools of all MCP servers, as models of a group may use them."""

    async def tools(self, group: str) -> Sequence[JsonObject]:
        """Return what may be called, as MCP describes tools; raises when the servers cannot be asked."""

    async def call(self, group: str, name: str, arguments: JsonObject) -> JsonObject:
        """Return a result as MCP writes it; raises when there is no such tool, or none that can be reached."""


async def open_injection(call: Call, group: str, settings: McpInject) -> Injection | None:
    """Return the tools for a request; None when there are none, for the model can answer without."""
    joined = call.joined
    if joined is None:
        return None
    try:
        async with asyncio.timeout(settings.timeout_s):
            listed = await joined.tools(group)
    except Exception as failure:
        log.warning("request %s goes without tools: %s", call.facts.request_id, reason_of(failure))
        return None
    return Injection(call, group, settings, joined, Rounds(listed, settings.rounds)) if listed else None


class Injection:
    """State of one request: its rounds, and the way to the tools."""

    def __init__(self, call: Call, group: str, settings: McpInject, joined: JoinedTools, rounds: Rounds) -> None:
        self.rounds = rounds
        self._call = call
        self._group = group
        self._settings = settings
        self._joined = joined
        self._places = asyncio.Semaphore(AT_ONCE)
        self._answer: InjectedAnswer | None = None

    def answer(
        self, exchange: Exchange, plan: Plan, wants_stream: bool, worded: Callable[[JsonObject], bytes]
    ) -> Answer:
        """Return what becomes of the next answer; the client gets it as the rest of those before."""
        before = self._answer.client if self._answer is not None else None
        own = cast("RoundExchange", exchange)
        self._answer = InjectedAnswer(own, plan, wants_stream, worded, self.rounds, before)
        return self._answer

    async def run(self, ping: Callable[[], None]) -> None:
        """Run the tools that the model asks for, and keep a client that waits for a stream informed."""
        watchman = self._call.tools.watchman
        watch = watchman.begin(inf)
        watch.ping = ping
        try:
            async with asyncio.TaskGroup() as group:
                runs = [group.create_task(self._run(called)) for called in self.rounds.calls]
        finally:
            watch.ping = None
            watchman.end(watch)
        self.rounds.answer([run.result() for run in runs])

    async def _run(self, called: Block) -> Block:
        name, started = str((self.rounds.offering.names or {})[called["name"]]), time.monotonic()
        outcome, block = await self._outcome(called, name)
        self._call.facts.tool_runs.append(ToolRun(name, outcome, time.monotonic() - started))
        return block

    async def _outcome(self, called: Block, name: str) -> tuple[str, Block]:
        """Call one tool; whatever goes wrong is told to the model."""
        settings, arguments = self._settings, called["arguments"]
        if not isinstance(arguments, dict):
            return "error", failure_block(called, "The arguments are not a JSON object.")
        try:
            async with self._places, asyncio.timeout(settings.timeout_s):
                result = await self._joined.call(self._group, name, arguments)
        except TimeoutError:
            return "timeout", failure_block(called, f"The tool did not answer within {settings.timeout_s:g} s.")
        except Exception as failure:
            log.warning("tool %s failed in request %s: %s", name, self._call.facts.request_id, reason_of(failure))
            return "failed", failure_block(called, f"The tool could not be run: {reason_of(failure)}")
        block = result_block(called, result, settings.max_result_bytes)
        return ("error" if block.get("error") else "ok"), block


def reason_of(failure: BaseException) -> str:
    """Return what went wrong, from within the groups that tasks put failures into."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return (str(failure) or type(failure).__name__)[:LONGEST_REASON]
