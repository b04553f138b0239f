"""A listener to every stage of one request. Nobody listens unless traffic is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.routing.facts import RequestFacts


class Stages(Protocol):
    """What a listener is told, in this order; attempts count from 0. Upstream headers come without credentials.

    A request that policies change is told twice, first without what they change.
    """

    def client_request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """The request as it came, with the client's own headers and path, its key included."""

    def unified_request(self, request: JsonObject) -> None:
        """The request in the unified format, normal form and policies applied; not on the direct path."""

    def upstream_request(self, attempt: int, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """What is sent to a provider."""

    def upstream_head(self, attempt: int, status: int, headers: Mapping[str, str]) -> None:
        """How a provider's answer begins."""

    def upstream_data(self, attempt: int, data: bytes) -> None:
        """A piece of the answer's body, as one read from the connection gave it."""

    def client_head(self, status: int, head: bytes) -> None:
        """Status and header lines of the answer to the client."""

    def client_data(self, data: bytes) -> None:
        """A piece of the answer's body for the client."""

    def end(self, facts: RequestFacts) -> None:
        """The request is over."""


Listen = Callable[["RequestFacts"], "Stages | None"]
