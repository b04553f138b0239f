"""Streams: upstream bytes in, client bytes out. Pure; the caller owns the sockets and the clock."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from orjson import JSONDecodeError

from ccproxy.conversion.errors import UpstreamError
from ccproxy.mapping.codegen.runtime import Rejection
from ccproxy.unified.fitted_answers import FittedSequencer
from ccproxy.wire.frames import frame_for
from ccproxy.wire.limits import EventTooLargeError
from ccproxy.wire.readers import EitherReader, reader_for
from ccproxy.wire.text import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.conversion.context import Context
    from ccproxy.conversion.dialect import Dialect
    from ccproxy.conversion.guard import Guard
    from ccproxy.conversion.quirks import QuirkChain
    from ccproxy.jsontypes import Json
    from ccproxy.unified.answer_state import SequencerOptions
    from ccproxy.unified.deltas import EmitDeltas
    from ccproxy.unified.whole_answers import MakeSequencer

    JsonObject = dict[str, Json]
    Collect = Callable[[JsonObject], None]

BAD_EVENT = "the upstream sent an event that is not a JSON object"


class UpstreamReader:
    """Upstream bytes -> fragments in a sequencer."""

    __slots__ = ("_context", "_edits", "_end", "_guard", "_read", "_reader", "_to_unified", "sequencer")

    def __init__(
        self,
        upstream: Dialect,
        context: Context,
        quirks: QuirkChain,
        guard: Guard,
        options: SequencerOptions,
        emit: Collect,
        deltas: EmitDeltas | None = None,
        make: MakeSequencer = FittedSequencer,
    ) -> None:
        self.sequencer = make(emit, options, deltas)
        context.sequencer = self.sequencer
        facts = upstream.protocol.stream
        self._context = context
        self._edits = quirks.chunk_edits
        self._end = facts.end.encode() if facts.end is not None else None
        self._guard = guard
        self._reader = EitherReader(facts.framing) if facts.without_query else reader_for(facts.framing)
        self._read = self._reader.feed
        self._to_unified = upstream.transform("stream_to_unified")

    def feed(self, data: bytes) -> None:
        try:
            payloads = self._read(data)
        except EventTooLargeError as error:
            self.sequencer.error({"kind": "upstream", "message": str(error)})
            return
        if payloads:
            self._convert(payloads)

    def close(self) -> None:
        self._convert(self._reader.close())
        self.sequencer.close()

    def let_go(self) -> None:
        """Break the circle of what emits events and what they are about: it holds whole bodies."""
        self._context.sequencer = None

    def _convert(self, payloads: list[bytes]) -> None:
        context, sequencer = self._context, self.sequencer
        try:
            for payload in payloads:
                if payload == self._end:
                    sequencer.end(True)
                    continue
                chunk = read_json(payload)
                if type(chunk) is not dict:
                    sequencer.error({"kind": "upstream", "message": BAD_EVENT})
                    return
                for edit in self._edits:
                    chunk = edit(chunk, context)
                self._to_unified(chunk, context, sequencer)
        except JSONDecodeError:
            sequencer.error({"kind": "upstream", "message": BAD_EVENT})
        except Rejection as rejection:
            sequencer.fail(rejection.error)
        except Exception as error:
            self._guard.explain(error)
            raise


class StreamConversion:
    """Converts one stream. Every method returns the bytes that go to the client now."""

    __slots__ = ("_ended", "_feed", "_frame", "_join", "_out", "_reader", "_sequencer", "keep_alive")

    def __init__(
        self,
        client: Dialect,
        upstream: Dialect,
        context: Context,
        quirks: QuirkChain,
        guard: Guard,
        options: SequencerOptions,
        framing: str,
        make: MakeSequencer = FittedSequencer,
    ) -> None:
        self._out: list[bytes] = []
        self._ended = False
        self._frame = frame_for(framing, client.protocol.stream.end)
        self.keep_alive = client.protocol.stream.keep_alive.encode()
        emit = cast("Collect", partial(client.stream_function(framing), context, self._out))
        deltas = client.delta_functions(framing, context, self._out)
        self._reader = UpstreamReader(upstream, context, quirks, guard, options, emit, deltas, make)
        self._sequencer = self._reader.sequencer
        self._feed, self._join = self._reader.feed, self._frame.join

    @property
    def started(self) -> bool:
        """Whether something has been given to the client."""
        return self._sequencer.started

    @property
    def finished(self) -> bool:
        """Whether the client has its end; what comes later is ignored."""
        return self._sequencer.finished

    @property
    def error(self) -> JsonObject | None:
        """The unified error that ended the stream."""
        return self._sequencer.error_sent

    @property
    def usage(self) -> JsonObject:
        """Tokens so far, in the unified format."""
        return self._sequencer.usage_so_far

    def feed(self, data: bytes) -> bytes:
        """Convert bytes of the upstream's stream, cut anywhere."""
        self._feed(data)
        return self._drain()

    def close(self) -> bytes:
        """The upstream's stream is over: end the client's stream, well or with an error."""
        self._reader.close()
        return self._drain()

    def fail(self, error: JsonObject) -> bytes:
        """The upstream broke: end the client's stream with this unified error."""
        self._reader.sequencer.fail(cast("object", error))  # type: ignore[arg-type]
        return self._drain()

    def ping(self) -> bytes:
        """Bytes that say the stream is alive."""
        return b"" if self.finished else self.keep_alive

    def _drain(self) -> bytes:
        out, data = self._out, b""
        if out:
            data = self._join(out)
            out.clear()
        return data + self._end() if self._sequencer.finished and not self._ended else data

    def _end(self) -> bytes:
        self._ended = True
        self._reader.let_go()
        return self._frame.end()


class StreamCollector:
    """Reads a whole stream for its answer, in the unified format."""

    __slots__ = ("_reader",)

    def __init__(
        self,
        upstream: Dialect,
        context: Context,
        quirks: QuirkChain,
        guard: Guard,
        options: SequencerOptions,
        make: MakeSequencer = FittedSequencer,
    ) -> None:
        self._reader = UpstreamReader(upstream, context, quirks, guard, options, _ignore, make=make)

    def feed(self, data: bytes) -> None:
        self._reader.feed(data)

    def close(self) -> JsonObject:
        """The whole answer. Raises UpstreamError when the stream ended in an error."""
        self._reader.close()
        sequencer = self._reader.sequencer
        if sequencer.error_sent is not None:
            raise UpstreamError(sequencer.error_sent)
        return sequencer.response


def _ignore(event: JsonObject) -> None:
    """A sequencer's events, when only its message matters."""
