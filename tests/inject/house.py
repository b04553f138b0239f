"""A proxy whose models are given tools: a scripted provider behind it, and tools that a test controls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from ccproxy.config.mcp_settings import McpInject, McpServer, McpSettings
from ccproxy.config.model import Alias, Config, Group, Provider, Resilience, ServerSettings, Target, Timeouts
from ccproxy.conversion.engine import Engine
from ccproxy.jsontypes import JsonObject
from ccproxy.policy.policy import NO_POLICY, Policy
from ccproxy.routing.facts import RequestFacts
from ccproxy.server.running import Running, start, stop
from server.scripted_upstream import Asked, Script, ScriptedUpstream, pieces, whole

ENGINE = Engine.load()
LOOK = {
    "name": "look",
    "description": "Look something up.",
    "inputSchema": {"type": "object", "properties": {"word": {"type": "string"}}},
}
WAIT = {"name": "wait", "description": "Wait.", "inputSchema": {"type": "object"}}


def said(text: str) -> JsonObject:
    return {"content": [{"type": "text", "text": text}]}


@dataclass
class FakeTools:
    """Stands for the MCP servers; `results` gives a result, an exception or a wait for each tool."""

    listed: list[JsonObject] = field(default_factory=lambda: [LOOK, WAIT])
    results: dict[str, object] = field(default_factory=lambda: {"look": said("found it")})
    called: list[tuple[str, str, JsonObject]] = field(default_factory=list)
    running: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def tools(self, _group: str) -> list[JsonObject]:
        return self.listed

    async def call(self, group: str, name: str, arguments: JsonObject) -> JsonObject:
        self.called.append((group, name, arguments))
        result = self.results[name]
        if isinstance(result, Exception):
            raise result
        if isinstance(result, float):
            self.running.set()
            try:
                await asyncio.sleep(result)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
            return said(f"waited {result}")
        assert isinstance(result, dict)
        return result


@dataclass(frozen=True)
class Turn:
    """What the model says in one round; calls are (id, name, arguments as JSON text)."""

    text: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    finish: str = ""

    @property
    def reason(self) -> str:
        return self.finish or ("tool_calls" if self.calls else "stop")


USAGE = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}


def chat(turn: Turn) -> bytes:
    calls = [
        {"id": number, "type": "function", "function": {"name": name, "arguments": text}}
        for number, name, text in turn.calls
    ]
    message = {"role": "assistant", "content": turn.text or None, **({"tool_calls": calls} if calls else {})}
    choice = {"index": 0, "message": message, "finish_reason": turn.reason}
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": USAGE}
    return json.dumps(body).encode()


def chat_events(turn: Turn) -> list[bytes]:
    def event(delta: JsonObject, finish: str | None = None, usage: JsonObject | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        return b"data: " + json.dumps({**body, **({"usage": usage} if usage else {})}).encode() + b"\n\n"

    events = [event({"content": letter}) for letter in turn.text]
    for index, (number, name, text) in enumerate(turn.calls):
        function: JsonObject = {"name": name, "arguments": ""}
        events.append(event({"tool_calls": [{"index": index, "id": number, "type": "function", "function": function}]}))
        events += [event({"tool_calls": [{"index": index, "function": {"arguments": letter}}]}) for letter in text]
    return [*events, event({}, turn.reason, USAGE), b"data: [DONE]\n\n"]


def model(*turns: Turn | Script) -> Script:
    """Say one turn after the other, the last again and again; streamed when that is asked for."""
    left = list(turns)

    async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
        turn = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(turn, Turn):
            turn = pieces(*chat_events(turn)) if asked.json().get("stream") else whole(chat(turn))
        await turn(asked, writer)

    return script


@dataclass
class House:
    url: str
    upstream: ScriptedUpstream
    tools: FakeTools
    facts: list[RequestFacts]
    proxy: Running

    @property
    def sent(self) -> list[JsonObject]:
        return [asked.json() for asked in self.upstream.asked]

    async def ask(self, path: str, body: JsonObject) -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as client, client.post(self.url + path, json=body) as response:
            return response.status, await response.read()


@asynccontextmanager
async def house(
    script: Script,
    *more: Script,
    tools: FakeTools | None = None,
    protocol: str = "openai-chat",
    policy: Policy = NO_POLICY,
    keep_alive_every_s: float = 15.0,
    edit: Callable[[Config], Config] = lambda config: config,
    **inject: object,
) -> AsyncIterator[House]:
    upstreams = [ScriptedUpstream(each) for each in (script, *more)]
    providers = {}
    for number, upstream in enumerate(upstreams):
        await upstream.start()
        name, timeouts = f"p{number}", Timeouts(connect_s=1.0, first_byte_s=5.0, idle_s=5.0)
        providers[name] = Provider(name, protocol, upstream.url, ("key",), timeouts=timeouts)
    alias = Alias("m", tuple(Target(name, "m") for name in providers), policy=policy)
    settings = McpInject(**{"tools": ("files.*",), **inject})  # type: ignore[arg-type]
    config = Config(
        server=ServerSettings(port=0, keep_alive_every_s=keep_alive_every_s),
        providers=providers,
        groups={name: Group(name, (alias,)) for name in ("default", "team")},
        resilience=Resilience(retries=1, retry_for_s=3.0),
        mcp=McpSettings(servers={"files": McpServer("files", command="true")}, inject=settings),
    )
    proxy = await start(edit(config), ENGINE)
    fake, facts = tools or FakeTools(), []
    proxy.mcp.tools, proxy.mcp.call = fake.tools, fake.call  # type: ignore[method-assign]
    object.__setattr__(proxy.tools, "observers", (facts.append,))
    try:
        yield House(f"http://127.0.0.1:{proxy.port}", upstreams[0], fake, facts, proxy)
    finally:
        await stop(proxy, 0.2)
        for upstream in upstreams:
            upstream.stop()
