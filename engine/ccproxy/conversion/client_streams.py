"""A client's stream that several answers of a model make together."""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import TYPE_CHECKING, cast

from ccproxy.unified.fitted_answers import FittedSequencer
from ccproxy.wire.frames import frame_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from ccproxy.conversion.context import Context
    from ccproxy.conversion.dialect import Dialect
    from ccproxy.jsontypes import Json
    from ccproxy.unified.answer_state import SequencerOptions

    JsonObject = dict[str, Json]


class ClientStream:
    """What its sequencer is told becomes events of the client's protocol; every method returns bytes for the client."""

    def __init__(self, client: Dialect, context: Context, options: SequencerOptions, framing: str) -> None:
        self._context = copy(context)  # each round has its own, and this outlives them
        self._out: list[bytes] = []
        self._ended = False
        self._frame = frame_for(framing, client.protocol.stream.end)
        self._keep_alive = client.protocol.stream.keep_alive.encode()
        self._write = client.stream_function(framing)
        emit = cast("Callable[[JsonObject], None]", partial(self._write, self._context, self._out))
        self.sequencer = FittedSequencer(emit, options, client.delta_functions(framing, self._context, self._out))
        self._context.sequencer = self.sequencer

    @property
    def started(self) -> bool:
        """Whether something has been given to the client."""
        return self.sequencer.started

    def drain(self) -> bytes:
        """What has been said since the last time."""
        data = self._frame.join(self._out) if self._out else b""
        self._out.clear()
        if not self.sequencer.finished or self._ended:
            return data
        self._ended = True
        self._context.sequencer = None  # a circle would keep whole bodies
        return data + self._frame.end()

    def fail(self, error: JsonObject) -> bytes:
        """End with a unified error."""
        self.sequencer.fail(error)
        return self.drain()

    def end_in(self, error: JsonObject) -> bytes:
        """Bytes that would end the stream with a unified error, which it does not take: another answer may follow."""
        out: list[bytes] = []
        self._write(self._context, out, {"type": "error", "error": error})
        return self._frame.join(out) + self._frame.end()

    def ping(self) -> bytes:
        """Bytes that say the stream is alive."""
        return b"" if self.sequencer.finished else self._keep_alive
