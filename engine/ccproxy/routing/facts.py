"""What is known of one request: filled while it runs, read by logs, usage and metrics when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccproxy.jsontypes import JsonObject


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try with one key of one provider.

    `status` is the provider's, 0 when it gave none; `outcome` is `ok` or the kind of a unified error; `waited_s` is the
    pause before the try.
    """

    provider: str
    model: str
    key_index: int
    status: int
    outcome: str
    seconds: float
    waited_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A tool that was run here for a model; `outcome` is `ok`, `error`, `timeout` or `failed`."""

    name: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class RequestFacts:
    """State of one request. Durations are seconds, `arrived_at` is unix time, `usage` is in the unified format.

    `alias` is the pattern that matched; `provider` and `model` are those of the last attempt; `way` is `direct`,
    `converted` or `compat`; `error` is the kind of a unified error. Status 499 means that the client left, `cut` that a
    stream had begun and did not reach its end.
    """

    request_id: str
    method: str
    path: str
    arrived_at: float
    client: str = ""
    operation: str = ""
    key: str = ""
    group: str = ""
    alias: str = ""
    asked_model: str = ""
    provider: str = ""
    model: str = ""
    way: str = ""
    stream: bool = False
    status: int = 0
    first_byte_s: float | None = None
    seconds: float = 0.0
    usage: JsonObject = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    dropped: tuple[str, ...] = ()
    error: str = ""
    cut: bool = False
    tool_runs: list[ToolRun] = field(default_factory=list)


# Called once at the end of every request of a protocol, also of failed and cut ones; must not block.
Observer = Callable[[RequestFacts], None]
