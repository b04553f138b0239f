"""The quick look at a body is right, or says that it cannot tell."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.pipeline.peek import Peek

PEEK = Peek("model")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
PLAIN = TEXT | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(TEXT | st.just("model"), PLAIN, max_size=2)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"model":"m"}', "m"),
        (' { "model" : "m" , "a" : 1 }', "m"),
        ('{"a":-1.5e3,"b":null,"c":"x\\"y","model":"m\\u00e9\\n"}', "mé\n"),
        ('{"a":[1],"model":"m"}', None),
        ('{"model":3}', None),
        ('{"x":"\\"model\\":\\"no\\"","model":"m"}', "m"),
        ('["model","m"]', None),
        ("", None),
    ],
)
def test_finds_a_plain_member(body: str, expected: str | None) -> None:
    found = PEEK.find(body.encode())

    assert expected == (found.text if found else None)


@given(st.dictionaries(TEXT, VALUES, max_size=4), TEXT, st.dictionaries(TEXT, VALUES, max_size=4), st.booleans())
def test_never_finds_what_a_parser_would_not(
    before: dict[str, object], model: str, after: dict[str, object], spaced: bool
) -> None:
    body = {**before, "model": model, **after, "end": 0}
    raw = json.dumps(body, indent=1 if spaced else None).encode()

    found = PEEK.find(raw)

    assert found is None or body["model"] == found.text
    assert found is None or PEEK.is_only(found, raw) or raw.count(b'"model"') > 1


@pytest.mark.parametrize("rest", ['"x":{"model":"n"}', '"model":"n"', '"model" : "m"'])
def test_tells_when_the_key_comes_again(rest: str) -> None:
    body = ('{"model":"m",' + rest + "}").encode()
    found = PEEK.find(body)

    assert found is not None
    assert not PEEK.is_only(found, body)


@given(TEXT, TEXT)
def test_replaces_only_the_value(model: str, other: str) -> None:
    raw = json.dumps({"a": 1, "model": model, "z": [1.50]}).encode()
    found = PEEK.find(raw)

    assert found is not None
    assert {"a": 1, "model": other, "z": [1.5]} == json.loads(found.replaced_in(raw, other))
    assert raw is found.replaced_in(raw, model)
