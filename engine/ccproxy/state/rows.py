"""One row of usage: what is kept of a request. No key, no prompt, no answer."""

from typing import TYPE_CHECKING, Final, NamedTuple

from ccproxy.config.prices import tokens_of

if TYPE_CHECKING:
    from ccproxy.routing.facts import RequestFacts

LONGEST_TEXT: Final = 256
MOST_TOKENS: Final = 2**53


class UsageRow(NamedTuple):
    """A request as it ended. Times are seconds, `key` is a name, `client` a protocol, `cost` US dollars if known."""

    at: float
    request_id: str
    key: str
    grp: str
    alias: str
    asked_model: str
    client: str
    operation: str
    provider: str
    model: str
    way: str
    stream: int
    status: int
    cut: int
    error: str
    first_byte_s: float | None
    seconds: float
    input: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int
    cost: float | None
    attempts: int
    dropped: int

    @property
    def tokens(self) -> int:
        """All tokens that were read or written."""
        return self.input + self.cache_read + self.cache_write + self.output


def row_of(facts: "RequestFacts", cost: float | None) -> UsageRow:
    """Return what is kept of a request; texts that clients chose are cut to a bounded length."""
    usage = facts.usage
    counts = {kind: min(tokens_of(usage, kind), MOST_TOKENS) for kind in TOKEN_KINDS}
    return UsageRow(
        at=facts.arrived_at,
        request_id=_text(facts.request_id),
        key=_text(facts.key),
        grp=_text(facts.group),
        alias=_text(facts.alias),
        asked_model=_text(facts.asked_model),
        client=_text(facts.client),
        operation=_text(facts.operation),
        provider=_text(facts.provider),
        model=_text(facts.model),
        way=_text(facts.way),
        stream=int(facts.stream),
        status=facts.status,
        cut=int(facts.cut),
        error=_text(facts.error),
        first_byte_s=facts.first_byte_s,
        seconds=facts.seconds,
        cost=cost,
        attempts=len(facts.attempts),
        dropped=len(facts.dropped),
        **counts,
    )


TOKEN_KINDS: Final = ("input", "cache_read", "cache_write", "output", "reasoning")


def _text(value: str) -> str:
    short = value[:LONGEST_TEXT]
    return short if short.isascii() else short.encode("utf-8", "replace").decode()
