"""A real proxy whose providers answer what a test wants, with a recorder that listens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import aiohttp
from aiohttp import web

from ccproxy.config.model import (
    AccessKey,
    Alias,
    Config,
    Group,
    LogSettings,
    Provider,
    Resilience,
    ServerSettings,
    Target,
)
from ccproxy.conversion.engine import Engine
from ccproxy.datadirs import find_data_dirs
from ccproxy.policy.policy import NO_POLICY, Policy
from ccproxy.record.reading import find_sessions, read_session
from ccproxy.record.session import Session
from ccproxy.server.lasting import Lasting
from ccproxy.server.running import Running, start, stop
from ccproxy.server.traffic import Traffic

MAPPINGS = find_data_dirs("mappings")
PROVIDER_KEY = "provider-CANARY-0a1b2c3d4e5f"


@dataclass
class Reply:
    """What a provider answers: pieces are written one by one."""

    pieces: Sequence[bytes]
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class House:
    """The proxy and its provider; requests take their answers from `answers` in turn."""

    proxy: Running
    traffic: Traffic
    client: aiohttp.ClientSession
    folder: Path
    answers: list[Reply]
    asked: list[bytes]

    async def ask(self, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
        """Send one request and return status and body."""
        url = f"http://127.0.0.1:{self.proxy.port}{path}"
        sent = {
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        async with self.client.post(url, data=body, headers=sent) as answer:
            return answer.status, await answer.read()

    def sessions(self) -> list[Session]:
        """Everything that was written."""
        self.traffic.close()
        return [read_session(folder) for folder in find_sessions([self.folder])]

    def disk(self) -> bytes:
        """Every name and byte in the folder."""
        self.traffic.close()
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return b"".join(str(path.relative_to(self.folder)).encode() + path.read_bytes() for path in files)


@cache
def shared_engine() -> Engine:
    """The engine of all tests here."""
    return Engine.load(*MAPPINGS)


def chatting_protocols() -> list[str]:
    """The protocols that clients and providers speak in conversations."""
    protocols = shared_engine().protocols.items()
    return sorted(name for name, facts in protocols if (chat := facts.operations.get("chat")) and chat.routes)


def config_for(url: str, log: LogSettings, keys: Sequence[AccessKey], policy: Policy) -> Config:
    """One provider for each protocol; a model is asked for as the protocol's name."""
    names = chatting_protocols()
    providers = {name: Provider(name, name, f"{url}/{name}", (PROVIDER_KEY,)) for name in names}
    aliases = tuple(Alias(name, (Target(name, f"{name}-model"),), policy=policy) for name in names)
    return Config(
        server=ServerSettings(port=0),
        access=tuple(keys),
        providers=providers,
        groups={"default": Group("default", aliases)},
        resilience=Resilience(retries=0),
        log=log,
    )


@asynccontextmanager
async def proxied(
    folder: Path, log: LogSettings | None = None, keys: Sequence[AccessKey] = (), policy: Policy = NO_POLICY
) -> AsyncIterator[House]:
    """Run the proxy, which writes what it does into the folder."""
    answers: list[Reply] = []
    asked: list[bytes] = []

    async def provide(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(await request.read())
        reply = answers.pop(0)
        response = web.StreamResponse(
            status=reply.status, headers={"content-type": reply.content_type, **reply.headers}
        )
        await response.prepare(request)
        for piece in reply.pieces:
            await response.write(piece)
        await response.write_eof()
        return response

    runner = web.ServerRunner(web.Server(provide))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = replace(log or LogSettings(), traffic=True, dir=str(folder))
    traffic = Traffic(MAPPINGS)
    proxy = await start(config_for(url, settings, keys, policy), shared_engine(), lasting=Lasting(traffic=traffic))
    async with aiohttp.ClientSession() as client:
        try:
            yield House(proxy, traffic, client, folder, answers, asked)
        finally:
            await stop(proxy, 0.1)
            await runner.cleanup()
