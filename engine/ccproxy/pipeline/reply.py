"""The answer to one client, written straight to its connection: one head, then a body, whole or in chunks.

aiohttp's own response classes build a header mapping and go through two coroutines for each write. A reply writes bytes
that are mostly made beforehand, in one call, which the keep-alive ticker can do too. To aiohttp it looks like a
response that has been sent already.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiohttp.web import BaseRequest

    from ccproxy.pipeline.stages import Stages

LARGEST_BUFFER_BYTES: Final = 1 << 17
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus} | {529: "Overloaded"}


class ClientGoneError(Exception):
    """The client closed its connection."""


class Reply:
    """State of one answer."""

    __slots__ = (
        "_chunked",
        "_pending",
        "_request",
        "common",
        "ended",
        "first_at",
        "id_name",
        "keep_alive",
        "request_id",
        "stages",
        "started",
        "status",
    )

    def __init__(self, request: BaseRequest, request_id: str) -> None:
        self._request = request
        self._chunked = False
        self._pending = b""
        self.request_id = request_id
        self.common = b""  # header lines that every answer to this request has
        self.id_name = b""  # the header that clients of the protocol look into, besides x-request-id
        self.keep_alive: bool = request.keep_alive
        self.started = False
        self.ended = False
        self.status = 0
        self.first_at: float | None = None  # when the first bytes were written, by time.perf_counter
        self.stages: Stages | None = None

    def send(self, status: int, head: bytes, body: bytes, with_body: bool = True) -> None:
        """Write a whole answer; `head` holds header lines, each with its line end."""
        self.started = self.ended = True
        self.status = status
        sent = body if with_body else b""
        if self.stages is not None:
            self.stages.client_head(status, head)
            self.stages.client_data(sent)
        self._write(b"%bcontent-length: %d\r\n\r\n%b" % (self._head(status, head), len(body), sent))

    def begin(self, status: int, head: bytes) -> None:
        """Begin an answer in pieces; its head leaves together with the first piece, which saves a system call."""
        self.started = True
        self.status = status
        if self.stages is not None:
            self.stages.client_head(status, head)
        self._chunked = self._request.version >= (1, 1)
        if not self._chunked:
            self.keep_alive = False
        ending = b"transfer-encoding: chunked\r\n\r\n" if self._chunked else b"\r\n"
        self._pending = self._head(status, head) + ending

    def flush(self) -> None:
        """Send the head without waiting for a piece."""
        if self._pending:
            self._flush(b"")

    def write(self, piece: bytes) -> None:
        """Write a piece of the body."""
        if piece:
            if self.stages is not None:
                self.stages.client_data(piece)
            self._flush(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)

    def end(self, piece: bytes = b"") -> None:
        """Write the last piece, and the end of the answer with it."""
        self.ended = True
        if self.stages is not None and piece:
            self.stages.client_data(piece)
        if not self._chunked:
            self._flush(piece)
        elif piece:
            self._flush(b"%x\r\n%b\r\n0\r\n\r\n" % (len(piece), piece))
        else:
            self._flush(b"0\r\n\r\n")

    @property
    def is_congested(self) -> bool:
        """Whether the client takes less than it is sent."""
        transport = self._request.transport
        return transport is not None and transport.get_write_buffer_size() > LARGEST_BUFFER_BYTES

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written."""
        try:
            await self._request.writer.drain()
        except ConnectionError as error:
            raise ClientGoneError from error

    async def prepare(self, _request: BaseRequest) -> None:
        """Do nothing: aiohttp calls this to send the head."""

    async def write_eof(self) -> None:
        """Do nothing: aiohttp calls this to send the body."""

    def _head(self, status: int, head: bytes) -> bytes:
        closing = b"" if self.keep_alive else b"connection: close\r\n"
        if self.keep_alive and self._request.version < (1, 1):
            closing = b"connection: keep-alive\r\n"
        request_id = self.request_id.encode()
        if self.id_name and self.id_name not in head:
            closing += b"%b: %b\r\n" % (self.id_name, request_id)
        return b"%bdate: %b\r\nx-request-id: %b\r\n%b%b%b" % (
            status_line(status),
            http_date(int(time.time())),
            request_id,
            self.common,
            closing,
            head,
        )

    def _flush(self, piece: bytes) -> None:
        if self._pending:
            piece = self._pending + piece
            self._pending = b""
        self._write(piece)

    def _write(self, piece: bytes) -> None:
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise ClientGoneError
        if self.first_at is None:
            self.first_at = time.perf_counter()
        transport.write(piece)


_status_lines: dict[int, bytes] = {}
_date: tuple[int, bytes] = (0, b"")


def status_line(status: int) -> bytes:
    """Return `HTTP/1.1 200 OK` and its line end."""
    line = _status_lines.get(status)
    if line is None:
        line = _status_lines[status] = f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}\r\n".encode()
    return line


def http_date(second: int) -> bytes:
    """Return the Date header's value; made once a second."""
    global _date  # noqa: PLW0603
    if _date[0] != second:
        _date = (second, formatdate(second, usegmt=True).encode())
    return _date[1]


def header_line(name: str, value: str) -> bytes:
    """Return one header line; characters that a header cannot hold are replaced."""
    safe = "".join(letter if " " <= letter <= "~" else "?" for letter in value)
    return f"{name}: {safe}\r\n".encode()
