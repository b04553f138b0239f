"""What becomes of an upstream's answer, without any I/O: the transfer reads and writes, an answer decides what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ccproxy.jsontypes import JsonObject

STREAM_TYPES: Final = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/stream+json")


class Answer(Protocol):
    """The way from an upstream's answer to the client's."""

    @property
    def finished(self) -> bool:
        """Whether the client's stream is complete, though the upstream's connection may still be open."""

    @property
    def has_content(self) -> bool:
        """Whether the stream has more than a beginning; looked at only after `hold_beginning`."""

    @property
    def error(self) -> JsonObject | None:
        """The unified error that ended the stream, where the answer can tell."""

    @property
    def malformed(self) -> str:
        """Why the answer was not understood, where the client has nothing of it; asked before its end is given."""

    @property
    def goes_on(self) -> bool:
        """Whether tools are to be run here, after which another answer continues this one."""

    def again(self) -> tuple[bytes, Answer]:
        """Return the request that asks the model once more, and what becomes of its answer."""

    def hold_beginning(self) -> None:
        """Prepare to tell whether a stream fails before it has content."""

    def refusal_in(self, body: bytes) -> JsonObject | None:
        """Return the unified error that a whole answer with a status of success holds in truth."""

    def usage(self) -> JsonObject:
        """Return the tokens that the answer reports, in the unified format; asked for when it is complete."""

    def asks_for_stream(self) -> bool:
        """Whether the client asked for a stream."""

    def comes_in_pieces(self, status: int, content_type: str) -> bool:
        """Whether to pass the answer on piece by piece."""

    def stream_head(self, headers: Mapping[str, str]) -> bytes:
        """Return the header lines of an answer in pieces."""

    def feed(self, chunk: bytes) -> bytes:
        """Return the client's bytes for the upstream's."""

    def close(self) -> bytes:
        """Return the client's last bytes at the end of the upstream's stream."""

    def ping(self) -> bytes:
        """Return what may be written now to a waiting client, perhaps nothing."""

    def fail(self, error: JsonObject) -> bytes:
        """Return an error as the end of a stream that has begun."""

    def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes, bytes]:
        """Return status, header lines and body for an answer in one piece."""

    def late(self, status: int, body: bytes) -> bytes:
        """Return the rest of a stream that began with pings, for an answer in one piece."""


def is_stream_type(content_type: str) -> bool:
    """Whether a content type says that the body comes event by event."""
    return content_type.startswith(STREAM_TYPES)
