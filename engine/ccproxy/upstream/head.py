"""The head of an HTTP/1.1 answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LONGEST_HEAD_BYTES: Final = 64 * 1024
WITHOUT_BODY: Final = frozenset({204, 304})


class BrokenAnswerError(Exception):
    """The upstream sent bytes that are not HTTP, or not all of them."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers; names are lower case, and a repeated header's values are joined by commas."""

    status: int
    headers: Mapping[str, str]
    keep_alive: bool

    @property
    def is_interim(self) -> bool:
        """Whether the real answer is still to come."""
        return 100 <= self.status < 200


def parse_head(text: bytes) -> Head:
    """Parse a head, given without its last blank line."""
    line, *lines = text.decode("utf-8", "surrogateescape").split("\r\n")
    version, _, rest = line.partition(" ")
    code = rest[:3]
    if not version.startswith("HTTP/1.") or not (code.isascii() and code.isdigit()) or rest[3:4] not in ("", " "):
        raise BrokenAnswerError("the answer does not begin like HTTP/1.1")
    headers: dict[str, str] = {}
    last = ""
    for field in lines:
        name, colon, value = field.partition(":")
        if field[:1] in (" ", "\t") and last:  # a folded line, which old servers still send
            headers[last] = f"{headers[last]} {field.strip()}"
            continue
        last = name.lower()
        if not colon or not last or last != last.strip():
            raise BrokenAnswerError("the answer has a broken header")
        value = value.strip()
        headers[last] = f"{headers[last]}, {value}" if last in headers else value
    return Head(int(code), headers, _keeps_alive(version, headers.get("connection", "")))


def _keeps_alive(version: str, connection: str) -> bool:
    words = connection.lower()
    return "keep-alive" in words if version == "HTTP/1.0" else "close" not in words
