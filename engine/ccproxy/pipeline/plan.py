"""All decisions about a request as one frozen value, made before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from yarl import URL

from ccproxy.conversion.backend import Backend
from ccproxy.mapping.protocol import CHAT
from ccproxy.pipeline.reply import header_line
from ccproxy.policy.places import build_places
from ccproxy.routing.failures import ProxyError
from ccproxy.upstream.endpoint import Endpoint, build_endpoint

if TYPE_CHECKING:
    from ccproxy.compat.mode import CompatMode
    from ccproxy.config.model import Alias
    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.pipeline.call import Call
    from ccproxy.pipeline.engine_port import Engine
    from ccproxy.pipeline.tool_modes import ToolModes
    from ccproxy.policy.places import Places
    from ccproxy.policy.policy import Policy
    from ccproxy.routing.rotation import Turn
    from ccproxy.routing.router import Choice, Router

CACHED_PLANS: Final = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """Who answers, under which model name, on which path.

    `speaks` is the protocol of the messages, nearly always the target's own. `edits` tells whether a body of the
    client's own protocol may have to be changed, `places` where its policy changes one; with `compat`,
    its tools go as text. `head` holds header lines for the client, `request_head` is what goes upstream before a body's
    length.
    """

    source: Protocol
    target: Protocol
    speaks: Protocol
    operation: Operation
    turn: Turn
    alias: Alias
    endpoint: Endpoint
    model: str
    direct: bool
    edits: bool
    policy: Policy
    compat: CompatMode | None
    places: Places | None
    backend: Backend
    head: bytes
    stream_head: bytes
    request_head: bytes
    stream_request_head: bytes

    @property
    def way(self) -> str:
        """The path taken, for logs and the client."""
        return "direct" if self.direct else "compat" if self.compat is not None else "converted"


class Planner:
    """Makes plans; remembers those of names seen before."""

    def __init__(self, engine: Engine, router: Router, proxies: Mapping[str, str], modes: ToolModes) -> None:
        self._modes = modes
        self._engine = engine
        self._router = router
        self.proxies = proxies
        self._plans: dict[tuple[str, str, int, int, str, tuple[str, bool, bool]], Plan] = {}
        self._places: dict[tuple[str, str], Places | None] = {}

    def choose(
        self, group: str | None, model: str, allowed: Sequence[str] = (), conversation: bytes | None = None
    ) -> Choice:
        """Return who can answer; raise a ProxyError when there is nobody."""
        return self._router.choose(group, model, allowed, conversation)

    def fall_back(self, choice: Choice) -> Choice | None:
        """Return who can answer when nobody of a choice does."""
        return self._router.fall_back(choice)

    def plan(self, call: Call, choice: Choice, turn: Turn) -> Plan:
        """Return the plan for one turn of a choice; raise a ProxyError when its provider has no such operation."""
        source, operation, model = call.source, call.operation, choice.model_of(turn)
        policy = choice.alias.policy
        provider = turn.provider
        backend = Backend(provider.protocol, model, provider.name, URL(provider.base_url).host or "")
        by_text = self._modes.goes_by_text(call, turn, policy, backend)
        sealed = call.has_seals is not None and provider.protocol == source.name and call.has_seals()
        converts = call.converts or sealed
        way = (source.stream.framing, converts, by_text)
        key = (source.name, operation.name, id(turn), id(choice.alias), choice.model, way)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= CACHED_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._build(call, turn, choice, backend, by_text, converts)
        return plan

    def places(self, source: Protocol, operation: Operation) -> Places | None:
        """Return where policies change the bodies of an operation."""
        key = (source.name, operation.name)
        if key not in self._places:
            self._places[key] = build_places(source, operation)
        return self._places[key]

    def _build(self, call: Call, turn: Turn, choice: Choice, backend: Backend, by_text: bool, converts: bool) -> Plan:
        source, operation, protocols = call.source, call.operation, self._engine.protocols
        model = backend.model
        target = protocols[turn.provider.protocol]
        asked = upstream_operation(source, operation, target)
        speaks = protocols[asked.spoken_as] if asked.spoken_as else target
        same = speaks.name == source.name and (target.name == source.name or asked.name == operation.name)
        direct = same and not converts and not by_text
        head = _head(turn.provider.name, model, direct)
        policy = choice.alias.policy.for_model(choice.model)
        endpoint = build_endpoint(turn.provider, turn.key, model, target, asked, self.proxies, policy.headers)
        quirky = self._engine.has_direct_edits(backend, turn.provider.quirks)
        return Plan(
            source=source,
            target=target,
            speaks=speaks,
            operation=operation,
            turn=turn,
            alias=choice.alias,
            endpoint=endpoint,
            model=model,
            direct=direct,
            edits=direct and operation.is_chat and (quirky or policy.edits_bodies),
            policy=policy,
            compat=self._modes.mode(backend) if by_text else None,
            places=self.places(source, operation),
            backend=backend,
            head=head,
            stream_head=head + header_line("content-type", source.stream.content_type) + _NOT_BUFFERED,
            request_head=endpoint.request_head(endpoint.target, {}),
            stream_request_head=endpoint.request_head(endpoint.stream_target, {}),
        )


def upstream_operation(source: Protocol, operation: Operation, target: Protocol) -> Operation:
    """Return what a provider's protocol is asked for a client's operation; raise when it has no such thing."""
    same = source.name == target.name
    found = target.operations.get(operation.name if same else operation.convert_as)
    if not same and operation.answer is not None:
        found = target.operations.get(CHAT)  # answered here; only who would be asked matters
    if found is None or found.upstream is None:
        name = operation.convert_as.replace("_", " ")
        raise ProxyError("unsupported", 501, f"The model's provider speaks {target.title}, which has no {name}.")
    return found


# Proxies in front of this one must not hold streams back.
_NOT_BUFFERED: Final = b"cache-control: no-cache\r\nx-accel-buffering: no\r\n"


def _head(provider: str, model: str, direct: bool) -> bytes:
    path = "direct" if direct else "converted"
    return (
        header_line("x-ccproxy-provider", provider)
        + header_line("x-ccproxy-model", model)
        + header_line("x-ccproxy-path", path)
    )
