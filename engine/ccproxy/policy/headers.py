"""Headers with placeholders: fixed text and names in braces, on one line.

{key} {model}                               the provider's key (its own headers only) and model: the same every time
{uuid} {random} {conversation} {request}    another for every request: a random UUID, eight random letters and digits,
                                            a text that all requests of a conversation share, the request's id
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

FIXED: Final = frozenset({"key", "model"})
FRESH: Final = frozenset({"uuid", "random", "conversation", "request"})
CONVERSATION: Final = "{conversation}"
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# They belong to the connection, or say how long the body is.
_RESERVED: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def placeholders(template: str) -> Iterator[tuple[str, int]]:
    """Yield each placeholder and its offset."""
    yield from ((hit[1], hit.start()) for hit in _PLACEHOLDER.finditer(template))


def is_fresh(template: str) -> bool:
    """Whether a header is another for every request."""
    return any(name in FRESH for name, _ in placeholders(template))


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a header's value on one line; placeholders without a value stay as they are."""
    text = _PLACEHOLDER.sub(lambda hit: values.get(hit[1], hit[0]), template)
    return text.replace("\r", "").replace("\n", "").strip()


def is_header_name(name: str) -> bool:
    """Whether a header of this name may be set."""
    return _NAME.fullmatch(name) is not None and name.lower() not in _RESERVED
