"""A running proxy in front of several scripted providers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from ccproxy.config.model import Alias, Config, Group, Provider, Resilience, ServerSettings, Target, Timeouts
from ccproxy.routing.facts import RequestFacts
from ccproxy.server.running import Running, start, stop
from server.scripted_upstream import Asked, Script, ScriptedUpstream
from server.small_engine import SmallEngine

TIMEOUTS = Timeouts(connect_s=1.0, first_byte_s=5.0, idle_s=5.0)
QUICK = Resilience(retries=3, cooldown_s=60.0, retry_for_s=3.0)


@dataclass
class Member:
    """One provider: what it speaks, what it answers to each request in turn (the last again and again), its keys."""

    name: str
    scripts: list[Script]
    protocol: str = "east"
    keys: tuple[str, ...] = ()
    timeouts: Timeouts = TIMEOUTS
    upstream: ScriptedUpstream = field(init=False)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.upstream = ScriptedUpstream(self._play)

    async def _play(self, asked: Asked, writer) -> None:  # type: ignore[no-untyped-def]
        self.asked.append(asked)
        await self.scripts[min(len(self.asked), len(self.scripts)) - 1](asked, writer)


@dataclass
class Fleet:
    proxy: Running
    client: aiohttp.ClientSession
    facts: list[RequestFacts]

    async def ask(self, stream: bool = False, model: str = "m", path: str = "/v1/east", **more: object) -> Told:
        body = {"model": model, "words": "hi", "text": "hi", "stream": stream, **more}
        async with self.client.post(f"http://127.0.0.1:{self.proxy.port}{path}", json=body) as response:
            return Told(response.status, response.headers, await response.read())


@dataclass
class Told:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(self.body)
        return parsed

    @property
    def attempts(self) -> list[str]:
        return self.headers["x-ccproxy-attempts"].split(", ")


@asynccontextmanager
async def fleet(
    *members: Member, resilience: Resilience = QUICK, groups: dict[str, Group] | None = None, **server: object
) -> AsyncIterator[Fleet]:
    """Run providers and a proxy whose alias `m` means the model `m` of each of them."""
    for member in members:
        await member.upstream.start()
    providers = {
        each.name: Provider(each.name, each.protocol, each.upstream.url, each.keys, timeouts=each.timeouts)
        for each in members
    }
    alias = Alias("m", tuple(Target(each.name, "m") for each in members))
    config = Config(
        server=ServerSettings(port=0, **server),  # type: ignore[arg-type]
        providers=providers,
        groups=groups or {"default": Group("default", (alias,))},
        resilience=resilience,
    )
    proxy = await start(config, SmallEngine())
    facts: list[RequestFacts] = []
    object.__setattr__(proxy.tools, "observers", (facts.append,))  # frozen, yet nobody has asked anything so far
    client = aiohttp.ClientSession()
    try:
        yield Fleet(proxy, client, facts)
    finally:
        await client.close()
        await stop(proxy, 0.2)
        for member in members:
            member.upstream.stop()
