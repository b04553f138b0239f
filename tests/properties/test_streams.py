"""Every stream of valid events, in any order and in pieces of any size, ends well for every client."""

from __future__ import annotations

import pytest
from hypothesis import given

from ccproxy.conversion.engine import Engine
from properties.client_streams import check_end, check_events, converted
from properties.examples import PROTOCOLS, Tally, some_examples
from properties.stream_values import SIZES, Event, encoded, streams


@pytest.mark.parametrize("source", PROTOCOLS)
def test_a_stream_in_order_becomes_one_of_every_protocol(engine: Engine, source: str) -> None:
    tally = Tally()

    @some_examples()
    @given(streams(source, ordered=True), SIZES)
    def check(events: list[Event], size: int) -> None:
        check_every_client(engine, source, encoded(events, engine.protocols[source]), size, tally)

    check()
    tally.check_share("ended well", 0.3)


@pytest.mark.parametrize("source", PROTOCOLS)
def test_events_in_any_order_leave_every_client_with_an_end(engine: Engine, source: str) -> None:
    tally = Tally()

    @some_examples()
    @given(streams(source, ordered=False), SIZES)
    def check(events: list[Event], size: int) -> None:
        raw = encoded(events, engine.protocols[source])
        check_every_client(engine, source, raw, size, tally, nonsense=True)

    check()
    tally.check_share("ended in an error", 0.05)


def check_every_client(
    engine: Engine, source: str, raw: bytes, size: int, tally: Tally, *, nonsense: bool = False
) -> None:
    """Clients of the upstream's own protocol may get its nonsense as it came."""
    for client in PROTOCOLS:
        stream, output = converted(engine, source, client, raw, size)
        check_events(client, output)
        check_end(client, stream, output, ruled=not (nonsense and client == source))
        tally.note("ended well" if stream.error is None else "ended in an error")
