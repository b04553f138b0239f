"""What a writer writes, the reader of the same framing reads."""

from __future__ import annotations

import json

import pytest

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.wire.readers import READERS, reader_for
from ccproxy.wire.writers import writer_for

EVENTS: list[JsonObject] = [{"type": "a", "text": "é\n\r\n\u2028"}, {"type": "b"}, {"no": "type"}, {}]


@pytest.mark.parametrize("framing", READERS)
@pytest.mark.parametrize("name", [None, "type"])
def test_reader_reads_what_writer_wrote(framing: str, name: str | None) -> None:
    writer, reader = writer_for(framing, name), reader_for(framing)
    stream = b"".join(writer.encode(event) for event in EVENTS) + writer.end()

    read: list[Json] = [json.loads(payload) for payload in reader.feed(stream) + reader.close()]

    assert EVENTS == read


def test_names_events_after_a_field() -> None:
    writer = writer_for("sse", "type")

    assert b'event: a\ndata: {"type":"a"}\n\n' == writer.encode({"type": "a"})
    assert b"data: {}\n\n" == writer.encode({})
    assert b"" == writer.end()


def test_writes_the_end_marker_last() -> None:
    assert b"data: [DONE]\n\n" == writer_for("sse", None, "[DONE]").end()


def test_an_array_without_events_is_an_empty_array() -> None:
    assert b"[]" == writer_for("json_array").end()
