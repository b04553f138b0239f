"""Foreign recordings as sessions: whom an address asks for what, and what a client of another protocol would see."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from orjson import JSONDecodeError, loads

from ccproxy.conversion.errors import MappingFailure, RequestRejected
from ccproxy.record.conversing import NotReplayableError
from ccproxy.record.redaction import Redactor
from ccproxy.record.replaying import accepted
from ccproxy.record.session import Answered, Asked, Body, Session, Try
from ccproxy.wire.frames import dump_json

if TYPE_CHECKING:
    from ccproxy.conversion.engine import Engine
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.record.cassettes import Exchanged
    from ccproxy.record.replaying import Stage
    from ccproxy.record.rules import Rules


class NotImportableError(Exception):
    """Why an exchange makes no session."""


class Address(NamedTuple):
    """What a provider's URL says: the operation, the model where it is in the path, and whether a stream is asked."""

    protocol: Protocol
    operation: Operation
    model: str
    streams: bool


@dataclass(frozen=True, slots=True)
class Importer:
    """Makes sessions; with a `client` protocol, of what a client that speaks it would have sent and got."""

    stage: Stage
    rules: Rules
    client: str | None = None

    def session(self, exchanged: Exchanged, source: str) -> Session:
        """Make one session; raises NotImportableError."""
        address = address_of(exchanged.url, self.stage.engine)
        if address is None:
            raise NotImportableError(f"no protocol has an operation at {urlsplit(exchanged.url).path}")
        session = self._direct(exchanged, address, source)
        if self.client is None or self.client == address.protocol.name:
            return session
        return self._converted(session, address, self.client)

    def _direct(self, exchanged: Exchanged, address: Address, source: str) -> Session:
        redactor = Redactor(self.rules)
        redactor.learn(exchanged.headers, exchanged.url)
        body = Body(redactor.body(exchanged.body).data)
        said = _object(body.data)
        model = str(said.get("model") or address.model)
        url = redactor.url(exchanged.url)
        answer = _plain(exchanged.answer, exchanged.answer_headers.get("content-encoding", ""))
        headers = redactor.headers(exchanged.answer_headers)
        headers.pop("content-encoding", None)
        answered = Answered(exchanged.status, headers, Body(redactor.body(answer).data))
        parts = urlsplit(url)
        sent = redactor.headers(exchanged.headers)
        stream = address.streams or said.get("stream") is True
        one = Try(
            provider=self._provider(parts.hostname or "", address.protocol.name),
            protocol=address.protocol.name,
            model=model,
            url=url,
            outcome="ok" if exchanged.status < 300 else "error",
            headers=sent,
            request=body,
            answer=answered,
        )
        return Session(
            id=f"imported_{sha256(exchanged.url.encode() + exchanged.body + exchanged.answer).hexdigest()[:16]}",
            recorded_at=exchanged.at,
            operation=address.operation.name,
            way="direct",
            stream=stream,
            asked=Asked(address.protocol.name, exchanged.method, f"{parts.path}?{parts.query}".rstrip("?"), sent, body),
            tries=(one,),
            answered=answered,
            asked_model=model,
            facts={"status": exchanged.status, "source": source},
            redaction={"rules": [*self.rules.names], "replaced": dict(redactor.masks.counts)},
        )

    def _converted(self, session: Session, address: Address, client: str) -> Session:
        """Return the session as it would be with a client of another protocol, by today's mappings."""
        engine, one = self.stage.engine, session.tries[0]
        if not address.operation.is_chat or one.request is None:
            raise NotImportableError(f"{address.operation.name} has no client of another protocol")
        try:
            body = engine.request(_object(one.request.data), address.protocol.name, client, model=one.model)
            operation = next(each for each in engine.protocols[client].operations.values() if each.is_chat)
            method, path = operation.routes[0]
            asked = Asked(client, method, path.replace("{model}", one.model), {}, Body(dump_json(body)))
            draft = replace(session, asked=asked, operation=operation.name, way="converted")
            draft = replace(draft, tries=(replace(one, unified={}),))
            return accepted(draft, self.stage.play(draft))
        except (RequestRejected, MappingFailure, NotReplayableError) as error:
            raise NotImportableError(f"a client of {client} could not have asked that: {error}") from error

    def _provider(self, host: str, protocol: str) -> str:
        """Return the preset at a host that speaks the protocol, else the host's name."""
        presets = self.stage.engine.providers.items()
        found = (name for name, each in presets if (_host(each), each.get("protocol")) == (host, protocol))
        return next(found, host)


def address_of(url: str, engine: Engine) -> Address | None:
    """Return what a URL asks of whom, by the paths of all protocols; the longest that fits counts."""
    path = urlsplit(url).path
    found = [(len(pattern), address) for pattern, address in _addresses(path, engine)]
    return max(found, key=lambda each: each[0])[1] if found else None


def _addresses(path: str, engine: Engine) -> Iterator[tuple[str, Address]]:
    for protocol in engine.protocols.values():
        for operation in protocol.operations.values():
            if operation.upstream is None:
                continue
            for template in dict.fromkeys((operation.upstream.path, operation.upstream.stream_path)):
                known = template.partition("?")[0]
                fits = re.search(re.escape(known).replace(r"\{model\}", r"(?P<model>[^/:]+)") + "$", path)
                if fits:
                    streams = template == operation.upstream.stream_path != operation.upstream.path
                    model = unquote(fits.groupdict().get("model") or "")
                    yield known, Address(protocol, operation, model, streams)


def _host(preset: Mapping[str, Json]) -> str:
    return urlsplit(str(preset.get("base_url", ""))).hostname or ""


def _plain(body: bytes, encoding: str) -> bytes:
    """Return a body that a tool kept compressed as it is read; most tools keep it plain and the header all the same."""
    try:
        if encoding == "gzip" and body[:2] == b"\x1f\x8b":
            return gzip.decompress(body)
        return zlib.decompress(body) if encoding == "deflate" else body
    except (OSError, zlib.error):
        return body


def _object(data: bytes) -> JsonObject:
    try:
        value = loads(data)
    except JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
