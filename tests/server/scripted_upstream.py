"""A provider that does what a test tells it to, on a loopback port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ccproxy.jsontypes import JsonObject


@dataclass
class Asked:
    """A request that the provider received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> JsonObject:
        parsed: JsonObject = json.loads(self.body)
        return parsed


Script = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ScriptedUpstream:
    """Runs one script for each request; `gone` is set when a client leaves before its script ends."""

    script: Script
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await _read_request(reader):
                self.asked.append(asked)
                self.reached.set()
                await self._play(asked, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        finally:
            writer.close()

    async def _play(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        playing = asyncio.ensure_future(self.script(asked, writer))
        leaving = asyncio.ensure_future(_wait_for_end(reader))
        await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            playing.cancel()
            self.gone.set()
            raise ConnectionResetError
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        playing.result()


async def _wait_for_end(reader: asyncio.StreamReader) -> None:
    while not reader.at_eof():
        await asyncio.sleep(0.005)


async def _read_request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except asyncio.IncompleteReadError:
        return None
    line, *lines = head.split("\r\n")
    method, path, _ = line.split(" ", 2)
    headers = {name.lower(): value for name, _, value in (text.partition(": ") for text in lines if text)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


def whole(body: bytes, content_type: str = "application/json", status: str = "200 OK", extra: str = "") -> Script:
    """Answer in one piece."""

    async def script(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return script


def pieces(*steps: bytes | float | asyncio.Event, end: bool = True, content_type: str = "text/event-stream") -> Script:
    """Stream bytes; a number waits so many seconds, an event waits for it; without an end the connection breaks off."""

    async def script(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for step in steps:
            if isinstance(step, bytes):
                writer.write(b"%x\r\n%b\r\n" % (len(step), step))
                await writer.drain()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            else:
                await step.wait()
        if end:
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        else:
            writer.close()

    return script


def silent(seconds: float = 60.0) -> Script:
    """Say nothing."""

    async def script(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)

    return script
