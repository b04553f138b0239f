"""Providers made of recorded sessions, on a loopback port of their own.

Those under `mappings/sessions/` speak the protocol of the embedded preset; those of `--replay DIR` speak what they were
recorded in, each below a path of its own. The rest of ccproxy treats them like any other provider.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from aiohttp import web
from orjson import JSONDecodeError, dumps, loads

from ccproxy.config.model import DEFAULT_GROUP, Alias, Config, Group, Provider, Resilience, Target
from ccproxy.expr.missing import MISSING
from ccproxy.pipeline.body import wants_stream
from ccproxy.wire.writers import writer_for
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json

if TYPE_CHECKING:
    from ccproxy.expr.compile import Compiled
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Protocol
    from ccproxy.record.matching import Answers
    from ccproxy.record.session import Session as Recorded

# The rest is about the connection that was.
_KEPT_HEADERS: Final = frozenset({"content-type", "retry-after"})


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
        value = _compiled(template)(request, {})
        return None if value is MISSING else value
    return template


def load_sessions(folders: Iterable[Path]) -> list[Session]:
    """Load the sessions of all mapping folders, in the order of their names; later folders replace earlier ones."""
    files = {file.name: file for folder in folders for file in sorted((folder / "sessions").glob("*.yaml"))}
    return [_load_session(files[name]) for name in sorted(files)]


class RecordedReplay:
    """Answers requests for recorded providers as they answered; the path begins with a provider's name."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, in the pieces in which the answer was read."""
        provider, _, path = request.path.removeprefix("/").partition("/")
        body = await request.content.read()
        found = await asyncio.to_thread(self._answers.find, provider, f"/{path}", body)
        if found is None or found.body is None:
            return web.json_response({"error": {"message": f"nothing was recorded of `{provider}`"}}, status=404)
        kept = {name: value for name, value in found.headers.items() if name in _KEPT_HEADERS}
        response = web.StreamResponse(status=found.status, headers=kept)
        await response.prepare(request)
        for piece in found.body.chunks():
            await response.write(piece)
        return response


def recorded_config(sessions: Iterable[Recorded], port: int) -> Config:
    """Return a configuration with every provider of some sessions; models go where they went, others where most did."""
    providers: dict[str, Provider] = {}
    targets: Counter[Target] = Counter()
    aliases: dict[str, Alias] = {}
    for session in sessions:
        for one in session.tries:
            url = f"http://127.0.0.1:{port}/{one.provider}"
            providers[one.provider] = Provider(one.provider, one.protocol, url, quirks=one.quirks)
            target = Target(one.provider, one.model)
            targets[target] += 1
            if session.asked_model:
                aliases[session.asked_model] = Alias(session.asked_model, (target,))
    if not targets:
        raise LookupError("none of these sessions asked a provider")
    everything = Alias("*", (targets.most_common(1)[0][0],))
    group = Group(DEFAULT_GROUP, (*aliases.values(), everything))
    return Config(providers=providers, groups={DEFAULT_GROUP: group}, resilience=Resilience(retries=0))


async def start_replay(sessions: Iterable[Session], protocol: Protocol) -> int:
    """Serve sessions on a loopback port and return its number; it ends with the event loop."""
    return await _serve(Replay(sessions, protocol).handle)


async def start_recorded(answers: Answers) -> int:
    """Serve recorded answers on a loopback port and return its number; it ends with the event loop."""
    return await _serve(RecordedReplay(answers).handle)


async def _serve(handle: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> int:
    connections = web.Server(handle, access_log=None)
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
    return Session(file.stem, _compiled(when), parsed.get("answer"), tuple(stream))


def _compiled(expression: str) -> Compiled:
    # Sessions need it; a proxy with providers finds all its expressions compiled.
    from ccproxy.expr.compile import compile_expression  # noqa: PLC0415

    return compile_expression(expression[1:].strip())
