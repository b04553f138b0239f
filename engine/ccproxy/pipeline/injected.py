"""The answer of one round, whose client gets all rounds as one answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from orjson import dumps

from ccproxy.inject.sieve import Sieve
from ccproxy.pipeline.converted import ConvertedAnswer, refusal
from ccproxy.pipeline.engine_port import Exchange
from ccproxy.unified.answer_rules import HOLDS_ALL
from ccproxy.unified.fitted_answers import FittedSequencer

if TYPE_CHECKING:
    from ccproxy.conversion.client_streams import ClientStream
    from ccproxy.conversion.streams import UpstreamReader
    from ccproxy.inject.rounds import Rounds
    from ccproxy.jsontypes import Json, JsonObject
    from ccproxy.pipeline.answer import Answer
    from ccproxy.pipeline.plan import Plan
    from ccproxy.unified.answer_rules import AnswerRules
    from ccproxy.unified.answer_state import SequencerOptions


class RoundExchange(Exchange, Protocol):
    """One request and its answer, whose two halves are used apart."""

    def reader(self, emit: Callable[[JsonObject], None], answers: AnswerRules) -> UpstreamReader:
        """Return a reader of the upstream's stream that tells unified events."""

    def client_stream(self, framing: str) -> ClientStream:
        """Return the client's side of a stream."""

    def said_options(self) -> SequencerOptions:
        """Return what a sequencer of the client's side has to know."""

    def unified_response(self, body: JsonObject, answers: AnswerRules | None = None) -> JsonObject:
        """Convert a whole answer to the unified format."""

    def unified_whole(self, stream: bytes, answers: AnswerRules | None = None) -> JsonObject:
        """Convert a complete streamed answer to the unified format."""

    def client_response(self, answer: JsonObject) -> JsonObject:
        """Convert a unified answer for the client."""

    def unified_error(self, status: int, body: Json) -> JsonObject:
        """Convert an error answer to the unified format."""


class ClientSide:
    """What the client has of the rounds so far: a stream, or the blocks of an answer that it gets whole."""

    def __init__(self, exchange: RoundExchange, framing: str, wants_stream: bool) -> None:
        self.stream = exchange.client_stream(framing) if wants_stream else None
        self.sequencer = self.stream.sequencer if self.stream else FittedSequencer(_ignore, exchange.said_options())


class InjectedAnswer(ConvertedAnswer):
    """Converts the answer of one round."""

    __slots__ = ("_own", "_round", "_rounds", "client")

    def __init__(
        self,
        exchange: RoundExchange,
        plan: Plan,
        wants_stream: bool,
        worded: Callable[[JsonObject], bytes],
        rounds: Rounds,
        client: ClientSide | None = None,
    ) -> None:
        """`client` is its side in the rounds before; until it has something of them, it is made anew."""
        super().__init__(exchange, plan, wants_stream, worded)
        self._own = exchange
        self._rounds = rounds
        if client is None or not client.sequencer.started:
            client = ClientSide(exchange, plan.source.stream.framing, wants_stream)
        self.client = client
        self._round: RoundStream | None = None

    @property
    def stream(self) -> RoundStream:
        """The conversion of this round's stream, begun on first use."""
        if self._round is None:
            assert self.client.stream is not None
            self._stream = self._round = RoundStream(self._own, self._rounds, self.client.stream)
        return self._round

    @property
    def goes_on(self) -> bool:
        """Whether tools are to be run now."""
        return bool(self._rounds.calls)

    def again(self) -> tuple[bytes, Answer]:
        """Ask once more, telling the model what was wrong."""
        self._own.ask_again()
        again = InjectedAnswer(self._own, self._plan, self._wants_stream, self._worded, self._rounds, self.client)
        return self._worded(self._own.upstream_request), again

    def usage(self) -> JsonObject:
        """Return the tokens of all rounds."""
        return {**self._rounds.usage}  # type: ignore[dict-item]

    def late(self, status: int, body: bytes) -> bytes:
        """Return an answer in one piece as the rest of the client's stream."""
        if status >= 300:
            return self.stream.fail(self._own.unified_error(*refusal(status, body)))
        return self._as_stream(body, streamed=False)

    def _as_stream(self, body: bytes, streamed: bool) -> bytes:
        if streamed:
            return super()._as_stream(body, streamed)
        answer = self._own.unified_response(self._parsed(body), HOLDS_ALL)
        return b"" if self._own.malformed else self.stream.whole(answer)

    def _as_one(self, body: bytes, streamed: bool) -> bytes:
        read = self._own.unified_whole if streamed else None
        answer = read(body, HOLDS_ALL) if read else self._own.unified_response(self._parsed(body), HOLDS_ALL)
        if self._own.malformed:
            return b""
        Sieve(self._rounds, self.client.sequencer).whole(answer)
        if self.goes_on:
            return b""
        named: JsonObject = {
            name: answer[name] for name in ("id", "created") if name in answer
        }  # those of the last round
        return dumps(self._own.client_response({**self.client.sequencer.response, **named}))

    def _lost(self) -> Sequence[str]:
        return [*super()._lost(), *self._rounds.dropped]


class RoundStream:
    """One round of a client's stream."""

    def __init__(self, exchange: RoundExchange, rounds: Rounds, client: ClientStream) -> None:
        self._rounds = rounds
        self._client = client
        self._sieve = Sieve(rounds, client.sequencer)
        self._reader = exchange.reader(self._sieve.event, HOLDS_ALL)
        self._has_ended = False

    @property
    def started(self) -> bool:
        """Whether the client has been given something of this round."""
        return self._sieve.has_shown

    @property
    def finished(self) -> bool:
        """Whether the model has said everything of this round."""
        return self._reader.sequencer.finished or self._client.sequencer.finished

    @property
    def error(self) -> JsonObject | None:
        """The unified error that ended the round, or the whole stream."""
        return self._sieve.error or self._client.sequencer.error_sent

    @property
    def usage(self) -> JsonObject:
        """Tokens of the rounds so far."""
        return {**self._rounds.usage}  # type: ignore[dict-item]

    def feed(self, chunk: bytes) -> bytes:
        """Convert what arrived."""
        self._reader.feed(chunk)
        self._sieve.pause()
        return self._said()

    def close(self) -> bytes:
        """The upstream's stream has ended."""
        self._reader.close()
        self._reader.let_go()
        return self._said()

    def whole(self, answer: JsonObject) -> bytes:
        """Say a whole unified answer."""
        self._sieve.whole(answer)
        return self._said()

    def ping(self) -> bytes:
        """Return what tells a waiting client that the connection lives."""
        return self._client.ping()

    def fail(self, error: JsonObject) -> bytes:
        """End the client's stream with an error."""
        return self._client.fail(error)

    def _said(self) -> bytes:
        """Return what the client is told; a round that failed before it was shown leaves the stream as it was."""
        error = self._sieve.error
        if error is None or self._sieve.has_shown:
            return self._client.drain()
        has_ended, self._has_ended = self._has_ended, True
        return b"" if has_ended else self._client.end_in(error)


def _ignore(_event: JsonObject) -> None:
    """Events of an answer that the client gets whole."""
