"""Find and replace one top-level text of a JSON object without parsing the rest.

A direct request is forwarded as it came, so parsing 200 KB only to learn the model's name would cost more than
everything else. The quick look passes over plain members at the beginning of the object and declines at any other. The
same key may come again further on, where the last one counts; `is_only` tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from orjson import JSONDecodeError, dumps, loads

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_PLAIN: Final = rb"(?:" + _STRING + rb"|[-+0-9.eE]++|true|false|null)"
_MEMBER: Final = rb"\s*+" + _STRING + rb"\s*+:\s*+" + _PLAIN + rb"\s*+,"


@dataclass(frozen=True, slots=True)
class Found:
    """A text value and its place in the body, quotes included."""

    text: str
    start: int
    end: int

    def replaced_in(self, body: bytes, text: str) -> bytes:
        """Return the body with another text in this place."""
        return body if text == self.text else body[: self.start] + dumps(text) + body[self.end :]


class Peek:
    """Looks for one key."""

    __slots__ = ("_quoted", "_regex")

    def __init__(self, key: str) -> None:
        self._quoted = dumps(key)
        quoted = re.escape(self._quoted)
        before = rb"(?:(?!\s*+" + quoted + rb")" + _MEMBER + rb")*+"
        self._regex = re.compile(rb"\s*+\{" + before + rb"\s*+" + quoted + rb"\s*+:\s*+(" + _STRING + rb")", re.DOTALL)

    def find(self, body: bytes) -> Found | None:
        """Return the key's first value when a quick look can tell it."""
        hit = self._regex.match(body)
        if hit is None:
            return None
        try:
            text = loads(hit[1])
        except JSONDecodeError:
            return None
        return Found(text, hit.start(1), hit.end(1))

    def is_only(self, found: Found, body: bytes) -> bool:
        """Whether the key occurs nowhere after this place, not even deeper."""
        return body.find(self._quoted, found.end) < 0
