"""The body of an HTTP/1.1 answer in its three framings: by length, in chunks, until the end. Pure."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, Protocol

from ccproxy.upstream.head import WITHOUT_BODY, BrokenAnswerError

if TYPE_CHECKING:
    from ccproxy.upstream.head import Head

LONGEST_LINE_BYTES: Final = 8192
_EXPECTS_LINE_END: Final = -1


class Body(Protocol):
    """Bytes of the connection in, bytes of the content out; `done` once all of it has come."""

    done: bool

    def feed(self, data: bytes) -> bytes:
        """Return the content in what arrived."""

    def end(self) -> None:
        """Take note that the connection ended; raise when content is missing."""


class LengthBody:
    """A body of known length."""

    __slots__ = ("_left", "done")

    def __init__(self, length: int) -> None:
        self._left = length
        self.done = not length

    def feed(self, data: bytes) -> bytes:
        """Return the content in what arrived."""
        if len(data) > self._left:
            raise BrokenAnswerError("the answer is longer than announced")
        self._left -= len(data)
        self.done = not self._left
        return data

    def end(self) -> None:
        """Raise: the end came too early."""
        raise BrokenAnswerError("the answer is shorter than announced")


class EndlessBody:
    """A body that ends with the connection."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """Return what arrived."""
        return data

    def end(self) -> None:
        """Be done."""
        self.done = True


class ChunkedBody:
    """A body in chunks; extensions and trailers carry nothing here."""

    __slots__ = ("_left", "_rest", "_trailing", "done")

    def __init__(self) -> None:
        self._left = 0
        self._rest = b""
        self._trailing = False
        self.done = False

    def feed(self, data: bytes) -> bytes:
        """Return the content in what arrived."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        pieces: list[bytes] = []
        at = 0
        while not self._trailing:
            if self._left:
                at = self._take_content(data, at, pieces)
                if self._left:
                    break
            end = data.find(b"\r\n", at)
            if end < 0:
                self._keep(data[at:])
                break
            length = chunk_length(data[at:end])
            at = end + 2
            self._left = length
            self._trailing = not length
        if self._trailing:
            self._pass_trailers(data[at:])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def end(self) -> None:
        """Raise: the last chunk is missing."""
        raise BrokenAnswerError("the answer broke off")

    def _take_content(self, data: bytes, at: int, pieces: list[bytes]) -> int:
        """Take what is there of a chunk and its line end; `_left` is zero once both are complete."""
        if self._left != _EXPECTS_LINE_END:
            stop = at + self._left
            piece = data[at:stop]
            if piece:
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
            if self._left:
                return at
            self._left = _EXPECTS_LINE_END
        if len(data) - at < 2:
            self._keep(data[at:])
        elif data.startswith(b"\r\n", at):
            self._left = 0
            at += 2
        else:
            raise BrokenAnswerError("a chunk of the answer does not end where it should")
        return at

    def _pass_trailers(self, data: bytes) -> None:
        while data:
            line, end, rest = data.partition(b"\r\n")
            if not end:
                self._keep(data)
                return
            if not line:
                if rest:
                    raise BrokenAnswerError("bytes follow the end of the answer")
                self.done = True
                return
            data = rest

    def _keep(self, rest: bytes) -> None:
        if len(rest) > LONGEST_LINE_BYTES:
            raise BrokenAnswerError("a line of the answer is too long")
        self._rest = rest


class CompressedBody:
    """A compressed body, which was not asked for."""

    __slots__ = ("_body", "_inflate")

    def __init__(self, body: Body) -> None:
        self._body = body
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

    @property
    def done(self) -> bool:
        """Whether all of it has come."""
        return self._body.done

    @done.setter
    def done(self, done: bool) -> None:
        self._body.done = done

    def feed(self, data: bytes) -> bytes:
        """Return the content in what arrived."""
        try:
            return self._inflate.decompress(self._body.feed(data))
        except zlib.error as error:
            raise BrokenAnswerError("the answer's compression is broken") from error

    def end(self) -> None:
        """Take note that the connection ended."""
        self._body.end()


def chunk_length(line: bytes) -> int:
    """Return the length that a chunk's first line announces."""
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > 16 or digits.strip(b"0123456789abcdefABCDEF"):
        raise BrokenAnswerError("a chunk of the answer has no length")
    return int(digits, 16)


def body_of(head: Head) -> Body:
    """Return the decoder for the body that follows a head."""
    body = _framed(head)
    coding = head.headers.get("content-encoding", "identity").lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        return CompressedBody(body)
    if coding != "identity":
        raise BrokenAnswerError(f"the answer is compressed in a way that was not asked for: {coding}")
    return body


def _framed(head: Head) -> Body:
    headers = head.headers
    if head.status in WITHOUT_BODY:
        return LengthBody(0)
    if headers.get("transfer-encoding", "").lower().endswith("chunked"):
        return ChunkedBody()
    length = headers.get("content-length")
    if length is None:
        return EndlessBody()
    if not (length.isascii() and length.isdigit()):
        raise BrokenAnswerError("the answer announces no proper length")
    return LengthBody(int(length))
