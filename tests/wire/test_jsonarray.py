"""A JSON array sent in pieces gives its objects, however it is printed and cut."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.jsontypes import Json
from ccproxy.wire.jsonarray import JsonArrayReader
from ccproxy.wire.limits import EventTooLargeError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"\\{}[]', max_size=3), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=5)


def read(*chunks: bytes) -> list[Json]:
    reader = JsonArrayReader()
    payloads = [payload for chunk in chunks for payload in reader.feed(chunk)]
    return [json.loads(payload) for payload in payloads + reader.close()]


@given(OBJECTS, st.sampled_from([None, 0, 2]), st.lists(st.integers(0, 300), max_size=6))
def test_any_cut_gives_the_same_objects(objects: list[dict[str, Json]], indent: int | None, places: list[int]) -> None:
    stream = json.dumps(objects, indent=indent).encode()
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]

    assert objects == read(*(stream[start:end] for start, end in itertools.pairwise(edges)))


def test_gives_an_object_as_soon_as_it_closes() -> None:
    reader = JsonArrayReader()

    assert [] == reader.feed(b'[{\n  "a": "}')
    assert [b'{\n  "a": "}\\""}'] == reader.feed(b'\\""}\n,')
    assert [b"{}"] == reader.feed(b"\r\n{}]")


def test_takes_a_lone_object_for_one_element() -> None:
    assert [{"error": {"code": 400}}] == read(b'{"error": {"code": 400}}\n')


def test_gives_nothing_for_an_object_that_never_closes() -> None:
    assert [{}] == read(b'[{}, {"a": [1')


def test_refuses_an_object_without_end() -> None:
    reader = JsonArrayReader(limit=100)

    with pytest.raises(EventTooLargeError):
        reader.feed(b'[{"a": "' + b"x" * 101)
