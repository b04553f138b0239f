"""A running proxy in front of a scripted provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256

import aiohttp
import pytest

from ccproxy.config.model import AccessKey, Alias, Config, Group, Provider, Resilience, ServerSettings, Target, Timeouts
from ccproxy.server.running import Running, start, stop
from server.scripted_upstream import Script, ScriptedUpstream
from server.small_engine import SmallEngine


@dataclass
class House:
    """The proxy, its provider, and a client."""

    proxy: Running
    upstream: ScriptedUpstream
    client: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"


Build = Callable[..., Awaitable[House]]


def config_for(upstream: ScriptedUpstream, **settings: object) -> Config:
    timeouts = Timeouts(connect_s=2.0, first_byte_s=5.0, idle_s=5.0)
    timeouts = replace(timeouts, **{k: v for k, v in settings.items() if hasattr(timeouts, k)})  # type: ignore[arg-type]
    server = ServerSettings(port=0, max_body_bytes=10_000, keep_alive_every_s=10.0)
    server = replace(server, **{k: v for k, v in settings.items() if hasattr(server, k)})  # type: ignore[arg-type]
    providers = {
        name: Provider(name, name, upstream.url, ("provider-key",), timeouts=timeouts) for name in ("east", "west")
    }
    strict = settings.get("strict") is True
    aliases = tuple(Alias(name, (Target(name, f"{name}-model"),), strict=strict) for name in providers)
    keys = tuple(AccessKey(name, sha256(name.encode()).digest()) for name in settings.get("keys", ()))  # type: ignore[attr-defined]
    resilience = Resilience(retries=0)
    return Config(
        resilience=resilience,
        server=server,
        access=keys,
        providers=providers,
        groups={"default": Group("default", aliases)},
    )


@pytest.fixture
async def build() -> AsyncIterator[Build]:
    houses: list[House] = []

    async def build_house(script: Script, **settings: object) -> House:
        upstream = ScriptedUpstream(script)
        await upstream.start()
        proxy = await start(config_for(upstream, **settings), SmallEngine())
        houses.append(House(proxy, upstream, aiohttp.ClientSession()))
        return houses[-1]

    yield build_house
    for house in houses:
        await house.client.close()
        await stop(house.proxy, 0.2)
        house.upstream.stop()
