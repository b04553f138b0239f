"""The embedded provider without a model: answers from recorded sessions, on a loopback port of its own.

It speaks the protocol of the embedded preset, so the rest of ccproxy treats it like any other provider.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from aiohttp import web
from orjson import JSONDecodeError, dumps, loads

from ccproxy.expr.compile import compile_expression
from ccproxy.expr.missing import MISSING
from ccproxy.pipeline.body import wants_stream
from ccproxy.wire.writers import writer_for
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from ccproxy.expr.compile import Compiled
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Protocol


@dataclass(frozen=True, slots=True)
class Session:
    """One recorded answer and the requests that it fits."""

    name: str
    when: Compiled
    answer: Json
    stream: tuple[Json, ...]


class SessionError(Exception):
    """A session file that cannot be used."""


class Replay:
    """Answers requests of one protocol from sessions."""

    def __init__(self, sessions: Iterable[Session], protocol: Protocol) -> None:
        self._sessions = tuple(sessions)
        self._protocol = protocol

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer one request."""
        status, content_type, body = self.answer(await request.content.read())
        return web.Response(status=status, body=body, headers={"content-type": content_type})

    def answer(self, raw: bytes) -> tuple[int, str, bytes]:
        """Return status, content type and body of the first session that fits."""
        try:
            request = loads(raw)
        except JSONDecodeError:
            request = None
        session = next((one for one in self._sessions if one.when(request, {}) is True), None)
        if not isinstance(request, dict) or session is None:
            return 400, "application/json", dumps({"error": {"message": "no recorded session fits this request"}})
        operation = next(iter(self._protocol.operations.values()))
        if wants_stream(request, operation.stream, {}):
            return 200, self._protocol.stream.content_type, self._streamed(session, request)
        return 200, "application/json", dumps(fill(session.answer, request))

    def _streamed(self, session: Session, request: JsonObject) -> bytes:
        facts = self._protocol.stream
        writer = writer_for(facts.framing, facts.event_name, facts.end)
        events = [cast("JsonObject", fill(event, request)) for event in session.stream]
        return b"".join(writer.encode(event) for event in events) + writer.end()


def fill(template: Json, request: JsonObject) -> Json:
    """Return a recorded value with its expressions replaced by what they give for a request."""
    if isinstance(template, dict):
        return {name: fill(value, request) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(item, request) for item in template]
    if isinstance(template, str) and template.startswith("="):
        value = compile_expression(template[1:].strip())(request, {})
        return None if value is MISSING else value
    return template


def load_sessions(folders: Iterable[Path]) -> list[Session]:
    """Load the sessions of all mapping folders, in the order of their names; later folders replace earlier ones."""
    files = {file.name: file for folder in folders for file in sorted((folder / "sessions").glob("*.yaml"))}
    return [_load_session(files[name]) for name in sorted(files)]


async def start_replay(sessions: Iterable[Session], protocol: Protocol) -> int:
    """Serve sessions on a loopback port and return its number; it ends with the event loop."""
    connections = web.Server(Replay(sessions, protocol).handle, access_log=None)
    server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", 0)
    return int(server.sockets[0].getsockname()[1])


def _load_session(file: Path) -> Session:
    node, problems = load_yaml(file)
    parsed = to_json(node) if node is not None else None
    if not isinstance(parsed, dict) or problems:
        raise SessionError(f"{file}: {problems[0].message if problems else 'not a session'}")
    stream, when = parsed.get("stream"), parsed.get("when")
    if not isinstance(stream, list) or not isinstance(when, str):
        raise SessionError(f"{file}: a session needs `when` and `stream`")
    return Session(file.stem, compile_expression(when[1:].strip()), parsed.get("answer"), tuple(stream))
