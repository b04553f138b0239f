"""Real streams, damaged: cut, flipped, doubled, with foreign bytes inside; and bytes that never were a stream."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from ccproxy.mapping.protocol import Protocol
from conversions.cases import Case, all_cases, stream_bytes
from properties.schema_values import Draw
from recordings.traffic import recordings

LONGEST = 20_000
PLACES = st.integers(0, 1_000_000)
ODD = st.sampled_from(
    [
        *(b"\xff", b"\xed\xa0\x80", b"\0", b"\n\n", b"\r", b"[", b"]", b"\xef\xbb\xbf", b":" * 3000),
        *(b"data:", b"data: [DONE]\n\n", b"event: error\n", b"data: []\n\n", b'data: "x"\n\n', b"data: {\n\n"),
        *(b"{}\n", b"null\n", b'{"error":', b'"\\ud83d"'),
    ]
)
DAMAGES = ("cut", "flip", "double", "drop", "insert", "swap")


def whole_streams(name: str, protocol: Protocol) -> list[bytes]:
    """Streams of the conversion cases and, where they lie beside the project, recorded ones."""
    facts = protocol.stream
    own = [
        stream_bytes(case.given, framing=facts.framing, names=facts.event_name is not None, end=facts.end)
        for case in _cases()
        if case.kind == "stream" and case.source == name
    ]
    return own + [recording.raw[:LONGEST] for recording in recordings(name) if recording.raw]


@cache
def _cases() -> list[Case]:
    return all_cases()


@st.composite
def broken_streams(draw: Draw, whole: list[bytes]) -> bytes:
    """A stream with up to four damages, or any bytes."""
    if draw(PLACES) % 10 == 9:
        return b"".join(draw(st.lists(st.one_of(ODD, st.binary(max_size=30)), max_size=20)))
    raw = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(0, 4))):
        raw = _damaged(draw, raw)
    return raw


def _damaged(draw: Draw, raw: bytes) -> bytes:
    start = draw(PLACES) % (len(raw) + 1)
    end = min(len(raw), start + 1 + draw(PLACES) % 300)
    match draw(st.sampled_from(DAMAGES)):
        case "cut":
            return raw[:start]
        case "flip" if raw:
            at = min(start, len(raw) - 1)
            return raw[:at] + bytes([raw[at] ^ (1 << draw(st.integers(0, 7)))]) + raw[at + 1 :]
        case "double":
            return raw[:end] + raw[start:]
        case "drop":
            return raw[:start] + raw[end:]
        case "swap":
            middle = (start + end) // 2
            return raw[:start] + raw[middle:end] + raw[start:middle] + raw[end:]
    return raw[:start] + draw(ODD) + raw[start:]
