"""A try that failed before the client got anything of its answer, so that another may follow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject
    from ccproxy.upstream.head import Head

# Refused for reasons that lie with the key, the limit, the time or the host, not with the request.
OTHERS_MAY_HELP: Final = frozenset({401, 402, 403, 408, 425, 429})
_KINDS: Final = {
    400: "invalid_request",
    401: "authentication",
    402: "billing",
    403: "permission",
    404: "not_found",
    408: "timeout",
    413: "too_large",
    429: "rate_limit",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}


@dataclass(frozen=True, slots=True)
class Setback:
    """What is needed to judge a failed try, and to give it to the client after all.

    `status` is the provider's, 0 when it gave none; `error` is a unified error; `body` is what came of the answer, and
    `events` what the client would have got of a stream. With `again`, the same model is to be asked in other words: it
    has no tools, or its call in text was not understood.
    """

    status: int
    error: JsonObject
    retry_after_s: float | None = None
    head: Head | None = None
    body: bytes = b""
    events: bytes | None = None
    again: bool = False


NOT_UNDERSTOOD: Final = "malformed_call"
NO_TOOLS: Final = "no_tools"
TOOLS_ASKED: Final = "tools_asked"


def other_words(kind: str, head: Head) -> Setback:
    """Return the setback after which the same model is asked in other words, or with the results of its tools."""
    return Setback(head.status, {"kind": kind, "status": head.status, "message": kind}, head=head, again=True)


def early_setback(error: JsonObject, head: Head, events: bytes) -> Setback:
    """Return the setback of a stream that ended in an error before its content began."""
    asked, status = error.get("retry_after"), error.get("status")
    return Setback(
        status=status if isinstance(status, int) else 500,
        error=error,
        retry_after_s=float(asked) if isinstance(asked, int | float) else None,
        head=head,
        events=events,
    )


def whole_setback(head: Head, body: bytes, refusal_in: Callable[[bytes], JsonObject | None]) -> Setback | None:
    """Return the setback that an answer in one piece is, None when it counts."""
    if may_be_retried(head.status):
        told = f"the provider answered {head.status}"
        error: JsonObject = {"kind": kind_of(head.status), "status": head.status, "message": told}
        return Setback(head.status, error, retry_after(head.headers), head, body)
    refusal = refusal_in(body) if head.status < 300 else None
    return Setback(500, refusal, retry_after(head.headers), head, body) if refusal is not None else None


def may_be_retried(status: int) -> bool:
    """Whether another key, target or moment may answer what this one refused."""
    return status >= 500 or status in OTHERS_MAY_HELP


def kind_of(status: int) -> str:
    """Return the kind of unified error that a provider's status stands for, `ok` for none."""
    if status < 400:
        return "ok"
    return _KINDS.get(status, "upstream" if status >= 500 else "invalid_request")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds a provider asks to wait: in milliseconds, seconds, or until a date."""
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return millis / 1000
    told = headers.get("retry-after")
    seconds = _number(told)
    if told is None or seconds is not None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
