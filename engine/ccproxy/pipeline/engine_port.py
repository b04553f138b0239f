"""What the pipeline needs from the engine, as structural types: conversions are pure and know nothing of sockets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ccproxy.conversion.backend import Backend
    from ccproxy.conversion.text_calls import TextCallMode
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.mapping.protocol import Protocol as ProtocolFacts


class Stream(Protocol):
    """A streamed answer on its way: upstream bytes in, client bytes out."""

    @property
    def started(self) -> bool:
        """Whether content has begun."""

    @property
    def finished(self) -> bool:
        """Whether everything has been said."""

    @property
    def error(self) -> JsonObject | None:
        """The unified error that ended the stream."""

    @property
    def usage(self) -> JsonObject:
        """Tokens so far, in the unified format."""

    def feed(self, chunk: bytes) -> bytes:
        """Convert what arrived."""

    def close(self) -> bytes:
        """End the client's stream when the upstream's has ended."""

    def ping(self) -> bytes:
        """Return what tells a waiting client that the connection lives."""

    def fail(self, error: JsonObject) -> bytes:
        """End the client's stream with an error."""


class Exchange(Protocol):
    """One request and its answer between two protocols."""

    @property
    def upstream_request(self) -> JsonObject:
        """The body to send."""

    @property
    def unified(self) -> JsonObject:
        """The request in the unified format."""

    @property
    def dropped(self) -> Sequence[str]:
        """What the request lost."""

    @property
    def usage(self) -> JsonObject:
        """Tokens of the answer that was converted in one piece, in the unified format."""

    def refusal(self, body: bytes) -> JsonObject | None:
        """Return the unified error that a whole answer holds in truth."""

    def usage_in(self, body: bytes) -> JsonObject:
        """Return the tokens that a whole answer tells of."""

    def response(self, body: JsonObject) -> JsonObject:
        """Convert a whole answer."""

    def whole(self, stream: bytes) -> JsonObject:
        """Convert a complete streamed answer for a client that wants it in one piece."""

    def pieces(self, body: JsonObject, framing: str | None = None) -> bytes:
        """Convert a whole answer for a client that wants a stream."""

    def error(self, status: int, body: Json) -> tuple[int, JsonObject]:
        """Convert an error answer; `body` is text when it was not JSON."""

    @property
    def malformed(self) -> str:
        """Why the calls in an answer's text were not understood, while the model may be asked again."""

    def ask_again(self) -> None:
        """Make `upstream_request` ask for such an answer once more."""

    def stream(self, framing: str | None = None) -> Stream:
        """Begin to convert a streamed answer."""


class Operation(Protocol):
    """One question besides chat and its answer, between two protocols."""

    def unified_request(self, body: JsonObject) -> JsonObject:
        """Convert what the client asks; raises RequestRejected when it cannot be."""

    def upstream_request(self, unified: JsonObject) -> JsonObject:
        """Convert to the body to send; raises RequestRejected when the upstream cannot be asked that."""

    def unified_response(self, body: JsonObject) -> JsonObject:
        """Convert what the upstream answers."""

    def client_response(self, unified: JsonObject) -> JsonObject:
        """Convert to the body for the client."""

    def error(self, status: int, body: Json) -> tuple[int, JsonObject]:
        """Convert an error answer; `body` is text when it was not JSON."""


class Engine(Protocol):
    """All conversions."""

    @property
    def providers(self) -> Mapping[str, Mapping[str, Json]]:
        """What presets say of providers."""

    @property
    def clients(self) -> Mapping[str, Mapping[str, Json]]:
        """How to point clients at the proxy."""

    @property
    def dialects(self) -> Mapping[str, Mapping[str, Json]]:
        """How models write tool calls as text."""

    def capabilities(self, backend: Backend, quirks: Sequence[str]) -> Mapping[str, Json]:
        """Flags of a backend."""

    @property
    def protocols(self) -> Mapping[str, ProtocolFacts]:
        """The facts of each protocol."""

    def open(
        self,
        source: str,
        target: str,
        body: JsonObject,
        *,
        model: str | None = None,
        stream: bool | None = None,
        backend: Backend | None = None,
        quirks: Sequence[str] = (),
        response_model: str | None = None,
        request_id: str | None = None,
        limit: Callable[[JsonObject], JsonObject] | None = None,
        edit: Callable[[JsonObject], JsonObject] | None = None,
        compat: TextCallMode | None = None,
    ) -> Exchange:
        """Convert a request; raises RequestRejected when it cannot be."""

    def answering(self, source: str, target: str, request: JsonObject | None) -> Exchange:
        """Begin to read an answer in `source` for a client of `target`."""

    def direct_request(self, body: JsonObject, backend: Backend, quirks: Sequence[str]) -> JsonObject | None:
        """Return the body that this backend needs instead of a usual one of its protocol, None for the same."""

    def has_direct_edits(self, backend: Backend, quirks: Sequence[str]) -> bool:
        """Whether this backend may need another body than its protocol's."""

    def operation(self, name: str, source: str, target: str, body: JsonObject, model: str = "") -> Operation:
        """Begin an operation besides chat."""

    def tokens_of(self, source: str, target: str, body: JsonObject, *, operation: str = "count_tokens") -> int:
        """Count the tokens of a client's chat request for models of a protocol."""

    def tokens_in(self, unified: JsonObject, target: str) -> int:
        """Count those of a unified request."""

    def count_tokens(self, source: str, target: str, body: JsonObject, *, operation: str, model: str) -> JsonObject:
        """Count the tokens of a chat request and word the number for the client."""

    def client_error(self, protocol: str, error: JsonObject) -> tuple[int, JsonObject]:
        """Word a unified error in a protocol."""
