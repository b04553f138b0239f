"""A session: one exchange as it went through the proxy, in a folder of its own.

    session.yaml            what it is, and how everything else belongs together
    client_request.json     unified_request.json     upstream_request.json     upstream_answer.sse     client_answer.sse

Later tries have files of their own: `upstream_request_2.json` and so on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ccproxy.jsontypes import Json, JsonObject

FORMAT: Final = 1
META: Final = "session.yaml"


class Piece(NamedTuple):
    """A stretch of a body that was read or written at once, so many seconds after the request came."""

    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes as they went over the wire, and where they were cut."""

    data: bytes
    pieces: tuple[Piece, ...] = ()

    def chunks(self) -> list[bytes]:
        """Return the bytes piece by piece."""
        if not self.pieces:
            return [self.data]
        cuts = [0]
        for piece in self.pieces[:-1]:
            cuts.append(min(len(self.data), cuts[-1] + piece.size))
        return [self.data[start:end] for start, end in pairwise([*cuts, len(self.data)])]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asked."""

    protocol: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: Body


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: status 0 when there was none."""

    status: int
    headers: Mapping[str, str]
    body: Body | None


@dataclass(frozen=True, slots=True)
class Try:
    """One try with a provider. Edits are what policies changed in the unified and in the provider's own request."""

    provider: str
    protocol: str
    model: str
    url: str = ""
    outcome: str = ""
    quirks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    unified: JsonObject | None = None
    request: Body | None = None
    unified_edits: Sequence[JsonObject] = ()
    request_edits: Sequence[JsonObject] = ()
    answer: Answered = Answered(0, {}, None)


@dataclass(frozen=True, slots=True)
class Session:
    """One exchange. `facts` are further facts for people: group, alias, usage, times, what was dropped."""

    id: str
    recorded_at: float
    operation: str
    way: str
    stream: bool
    asked: Asked
    tries: tuple[Try, ...]
    answered: Answered
    asked_model: str = ""
    error: str = ""
    complete: bool = True
    facts: Mapping[str, Json] = field(default_factory=dict)
    redaction: Mapping[str, Json] = field(default_factory=dict)
