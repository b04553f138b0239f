"""Whatever bytes an upstream sends: no crash, no endless loop, no endless growth, and an end for the client."""

from __future__ import annotations

import random
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.conversion.engine import Engine
from properties.broken_bytes import broken_streams, whole_streams
from properties.client_streams import ASKED, check_end, converted
from properties.examples import PROTOCOLS, Tally, some_examples
from properties.stream_values import SIZES


@pytest.mark.parametrize("source", PROTOCOLS)
def test_damaged_streams_leave_every_client_with_an_end(engine: Engine, source: str) -> None:
    whole, tally = whole_streams(source, engine.protocols[source]), Tally()

    @some_examples()
    @given(broken_streams(whole), SIZES)
    def check(raw: bytes, size: int) -> None:
        for client in PROTOCOLS:
            stream, output = converted(engine, source, client, raw, size)
            check_end(client, stream, output)
            tally.note("ended well" if stream.error is None else "ended in an error")

    check()
    tally.check_share("ended in an error", 0.1)


@pytest.mark.parametrize("source", PROTOCOLS)
def test_it_does_not_matter_where_a_stream_is_cut(engine: Engine, source: str) -> None:
    whole, still = whole_streams(source, engine.protocols[source]), Still(engine)

    @some_examples()
    @given(st.sampled_from(whole), st.sampled_from(PROTOCOLS), st.integers(1, 400), st.integers(0, 1 << 32))
    def check(raw: bytes, client: str, longest: int, seed: int) -> None:
        cuts, start, pieces = random.Random(seed), 0, list[bytes]()
        stream = still.engine().stream(source=source, target=client, request=ASKED[client])
        while start < len(raw):
            end = start + cuts.randint(1, longest)
            pieces.append(stream.feed(raw[start:end]))
            start = end

        assert converted(still.engine(), source, client, raw, len(raw))[1] == b"".join(pieces) + stream.close()

    check()


class Still:
    """The same mappings with a clock that stands and ids that count from 0 for each stream."""

    def __init__(self, engine: Engine) -> None:
        self._count = count()
        self._engine = Engine(
            engine.library, new_id=lambda prefix: f"{prefix}{next(self._count)}", clock=lambda: 1_700_000_000.0
        )

    def engine(self) -> Engine:
        self._count = count()
        return self._engine
