"""What `protocol.yaml` says about one protocol, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from ccproxy.mapping.counting import Counting, counting_of

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json


CHAT: Final = "chat"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a fact of a request lives: a JSON pointer in the body, or a path parameter."""

    body: str | None = None
    path: str | None = None
    value: str | None = None
    default: bool = False
    or_body: str | None = None
    copies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpstreamPath:
    """Paths after a provider's base URL; `{model}` stands for the model name."""

    path: str
    stream_path: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a protocol can be asked for, e.g. `chat`; others answer it as their operation `convert_as`.

    `answer` says what ccproxy answers by itself, `constant` and `refuse` that it always answers this.
    """

    name: str
    routes: tuple[tuple[str, str], ...]
    upstream: UpstreamPath | None
    model: Location | None
    stream: Location | None
    convert_as: str
    answer: str | None = None
    constant: Json = None
    refuse: Mapping[str, Json] = field(default_factory=dict)
    request_in: str | None = None
    spoken_as: str | None = None
    defaults: Mapping[str, Json] = field(default_factory=dict)
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_chat(self) -> bool:
        """Whether it is a conversation, which may stream; all others are one question and one answer."""
        return self.convert_as == CHAT and self.answer is None and self.constant is None and not self.refuse


@dataclass(frozen=True, slots=True)
class OtherFraming:
    """How answers are streamed to clients that did not give a query parameter its usual value."""

    parameter: str
    value: str
    framing: str
    content_type: str


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """Framing of streamed answers."""

    framing: str = "sse"
    event_name: str | None = None
    end: str | None = None
    content_type: str = "text/event-stream; charset=utf-8"
    keep_alive: str = ": keep-alive\n\n"
    without_query: OtherFraming | None = None
    usage_marks: tuple[bytes, ...] = ()

    def for_query(self, query: Mapping[str, str]) -> StreamFacts:
        """The facts for a client that asked with this query."""
        other = self.without_query
        if other is None or query.get(other.parameter) == other.value:
            return self
        return replace(self, framing=other.framing, content_type=other.content_type)


@dataclass(frozen=True, slots=True)
class RequestKeys:
    """Clients may write field names of requests in snake_case too; `keep` names the client's own data."""

    keep: frozenset[str]


@dataclass(frozen=True, slots=True)
class AuthFacts:
    """Where clients put their key, and how a key goes upstream (`{key}` in header templates)."""

    client_headers: tuple[str, ...] = ()
    client_query: tuple[str, ...] = ()
    upstream: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """Headers set upstream, forwarded between equals, naming the request, and telling protocols apart."""

    upstream: Mapping[str, str] = field(default_factory=dict)
    forward: tuple[str, ...] = ()
    request_id: tuple[str, ...] = ()
    detect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protocol:
    """One protocol's facts; `facts` is the whole file for readers with further needs."""

    name: str
    title: str
    operations: Mapping[str, Operation]
    stream: StreamFacts
    auth: AuthFacts
    headers: HeaderFacts
    limits: Mapping[str, Mapping[str, Json]]
    normal_form: Mapping[str, Json]
    answers: Mapping[str, Json]
    capabilities: Mapping[str, Json]
    error_status: Mapping[str, int]
    request_keys: RequestKeys | None
    counting: Counting
    facts: Mapping[str, Json]

    def for_query(self, query: Mapping[str, str]) -> Protocol:
        """The facts for a client that asked with this query."""
        stream = self.stream.for_query(query)
        return self if stream is self.stream else replace(self, stream=stream)


def build_protocol(facts: Mapping[str, Json]) -> Protocol:
    """The protocol that a checked `protocol.yaml` describes."""
    return Protocol(
        name=str(facts["protocol"]),
        title=str(facts.get("title", facts["protocol"])),
        operations={name: _operation(name, _map(value)) for name, value in _map(facts.get("operations")).items()},
        stream=_stream(_map(facts.get("stream"))),
        auth=_auth(_map(facts.get("auth"))),
        headers=_headers(_map(facts.get("headers"))),
        limits={name: _map(rule) for name, rule in _map(facts.get("limits")).items()},
        normal_form=_map(facts.get("normal_form")),
        answers=_map(facts.get("answers")),
        capabilities=_map(facts.get("capabilities")),
        error_status=_numbers(_map(facts.get("errors")).get("status")),
        request_keys=_request_keys(_map(facts.get("request_keys"))),
        counting=counting_of(_map(facts.get("counting"))),
        facts=facts,
    )


def _operation(name: str, facts: Mapping[str, Json]) -> Operation:
    return Operation(
        name=name,
        routes=tuple(_route(route) for route in _strings(facts.get("routes"))),
        upstream=_upstream(_map(facts["upstream"])) if "upstream" in facts else None,
        model=_location(_map(facts["model"])) if "model" in facts else None,
        stream=_location(_map(facts["stream"])) if "stream" in facts else None,
        convert_as=str(facts.get("convert_as", name)),
        answer=_text(facts.get("answer")),
        constant=facts.get("constant"),
        refuse=_map(facts.get("refuse")),
        request_in=_text(facts.get("request_in")),
        spoken_as=_text(facts.get("spoken_as")),
        defaults=_map(facts.get("defaults")),
        facts=facts,
    )


def _route(text: str) -> tuple[str, str]:
    method, _, path = text.partition(" ")
    return method, path


def _upstream(facts: Mapping[str, Json]) -> UpstreamPath:
    path = str(facts["path"])
    return UpstreamPath(path, str(facts.get("stream_path", path)), str(facts.get("method", "POST")))


def _location(facts: Mapping[str, Json]) -> Location:
    return Location(
        body=_text(facts.get("body")),
        path=_text(facts.get("path")),
        value=_text(facts.get("value")),
        default=bool(facts.get("default", False)),
        or_body=_text(facts.get("or_body")),
        copies=_texts(facts.get("copies")),
    )


def _stream(facts: Mapping[str, Json]) -> StreamFacts:
    plain = StreamFacts()
    return StreamFacts(
        framing=str(facts.get("framing", plain.framing)),
        event_name=_text(facts.get("event_name")),
        end=_text(facts.get("end")),
        content_type=str(facts.get("content_type", plain.content_type)),
        keep_alive=str(facts.get("keep_alive", plain.keep_alive)),
        without_query=_other_framing(_map(facts.get("without_query"))),
        usage_marks=tuple(mark.encode() for mark in _strings(facts.get("usage_marks"))),
    )


def _other_framing(facts: Mapping[str, Json]) -> OtherFraming | None:
    queries = list(_texts(facts.get("query")).items())
    if not queries:
        return None
    parameter, value = queries[0]
    return OtherFraming(parameter, value, str(facts["framing"]), str(facts["content_type"]))


def _request_keys(facts: Mapping[str, Json]) -> RequestKeys | None:
    return RequestKeys(frozenset(_strings(facts.get("keep")))) if facts.get("case") == "camel" else None


def _auth(facts: Mapping[str, Json]) -> AuthFacts:
    client = _map(facts.get("client"))
    return AuthFacts(
        client_headers=_strings(client.get("headers")),
        client_query=_strings(client.get("query")),
        upstream=_texts(facts.get("upstream")),
    )


def _headers(facts: Mapping[str, Json]) -> HeaderFacts:
    return HeaderFacts(
        upstream=_texts(facts.get("upstream")),
        forward=_strings(facts.get("forward")),
        request_id=_strings(facts.get("request_id")),
        detect=_strings(facts.get("detect")),
    )


def _map(value: Json) -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", value) if isinstance(value, dict) else {}


def _texts(value: Json) -> Mapping[str, str]:
    return {name: str(text) for name, text in _map(value).items()}


def _numbers(value: Json | Mapping[str, Json]) -> Mapping[str, int]:
    known = value if isinstance(value, Mapping) else {}
    return {name: number for name, number in known.items() if isinstance(number, int)}


def _strings(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in cast("Sequence[Json]", value)) if isinstance(value, list) else ()


def _text(value: Json) -> str | None:
    return None if value is None else str(value)
