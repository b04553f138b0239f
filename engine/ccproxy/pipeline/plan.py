"""All decisions about a request as one frozen value, made before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from yarl import URL

from ccproxy.conversion.backend import Backend
from ccproxy.mapping.protocol import CHAT
from ccproxy.pipeline.reply import header_line
from ccproxy.routing.failures import ProxyError
from ccproxy.upstream.endpoint import Endpoint, build_endpoint

if TYPE_CHECKING:
    from ccproxy.mapping.protocol import Operation, Protocol
    from ccproxy.routing.rotation import Turn
    from ccproxy.routing.router import Router

CACHED_PLANS: Final = 4096


@dataclass(frozen=True, slots=True)
class Plan:
    """Who answers, under which model name, on which path.

    `speaks` is the protocol of the messages, nearly always the target's own. `head` holds header lines for the client,
    `request_head` is what goes upstream before a body's length.
    """

    source: Protocol
    target: Protocol
    speaks: Protocol
    operation: Operation
    endpoint: Endpoint
    model: str
    direct: bool
    reason: str
    backend: Backend
    head: bytes
    stream_head: bytes
    request_head: bytes
    stream_request_head: bytes
    strict: bool = False


class Planner:
    """Makes plans; remembers those of names seen before."""

    def __init__(self, protocols: Mapping[str, Protocol], router: Router, proxies: Mapping[str, str]) -> None:
        self._protocols = protocols
        self._router = router
        self._proxies = proxies
        self._plans: dict[tuple[str, str, int, str, str], Plan] = {}

    def plan(
        self, source: Protocol, operation: Operation, group: str | None, model: str, allowed: Sequence[str] = ()
    ) -> Plan:
        """Return the plan for a client's operation and model name; raise a ProxyError when there is none."""
        turn, upstream_model, alias = self._router.resolve(group, model, allowed)
        key = (source.name, operation.name, id(turn), upstream_model, source.stream.framing)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= CACHED_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._build(source, operation, turn, upstream_model, alias.strict)
        return plan

    def _build(self, source: Protocol, operation: Operation, turn: Turn, model: str, strict: bool) -> Plan:
        target = self._protocols[turn.provider.protocol]
        asked = upstream_operation(source, operation, target)
        speaks = self._protocols[asked.spoken_as] if asked.spoken_as else target
        direct = speaks.name == source.name and (target.name == source.name or asked.name == operation.name)
        head = _head(turn.provider.name, model, direct)
        endpoint = build_endpoint(turn.provider, turn.key, model, target, asked, self._proxies)
        return Plan(
            source=source,
            target=target,
            speaks=speaks,
            operation=operation,
            endpoint=endpoint,
            model=model,
            direct=direct,
            reason="the provider speaks the client's protocol" if direct else f"the provider speaks {target.title}",
            backend=Backend(target.name, model, turn.provider.name, URL(turn.provider.base_url).host or ""),
            head=head,
            stream_head=head + header_line("content-type", source.stream.content_type) + _NOT_BUFFERED,
            request_head=endpoint.request_head(endpoint.target, {}),
            stream_request_head=endpoint.request_head(endpoint.stream_target, {}),
            strict=strict,
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
