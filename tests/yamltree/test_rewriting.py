"""A changed value leaves every other character of the file alone."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import to_json
from ccproxy.yamltree.rewriting import flow_text, rewrite_yaml

FILE = """\
# mine
server: { host: 127.0.0.1,   port: 8000 }   # odd spaces stay

access:    # who may ask
    keys:
        zed:   { sha256: "ab", groups: [a,b] }
        # somebody else
        you: $YOU   # from the environment

active_group: 'one'

prompt: |
  Several lines,

  kept as they are.

# the end
"""


def values(text: str) -> dict[str, object]:
    node, problems = load_yaml("f.yaml", text)
    assert node is not None, problems
    found = to_json(node)
    assert isinstance(found, dict)
    return found


def changed(text: str, path: str, value: object = None) -> str:
    before = values(text)
    after = deepcopy(before)
    *way, last = path.split(".")
    inner = after
    for name in way:
        if not isinstance(inner.get(name), dict):
            inner[name] = {}
        inner = inner[name]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    edited = rewrite_yaml(text, before, after)
    assert after == values(edited)
    return edited


LONG = {"sha256": "f" * 64, "budget": {"usd": 5, "per": "day"}}


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        ("active_group", "two", "'one'", "'two'"),
        ("active_group", "it's", "'one'", "'it''s'"),
        ("server.port", 9000, "8000", "9000"),
        ("server.workers", 2, "8000 }", "8000, workers: 2 }"),
        ("server.host", None, "{ host: 127.0.0.1,   port: 8000 }", "{ port: 8000 }"),
        ("access.keys.zed.groups", ["c", "yes"], "[a,b]", '[c, "yes"]'),
        ("access.keys.you", None, "        you: $YOU   # from the environment\n", ""),
        (
            "access.keys.me",
            LONG,
            "from the environment\n",
            "from the environment\n"
            f"        me:\n          sha256: {'f' * 64}\n          budget: {{ usd: 5, per: day }}\n",
        ),
        (
            "access.keys.you",
            LONG,
            "$YOU   # from the environment\n",
            f"  # from the environment\n            sha256: {'f' * 64}\n            budget: {{ usd: 5, per: day }}\n",
        ),
        ("extra", "x", "  kept as they are.\n", "  kept as they are.\n\nextra: x\n"),
    ],
)
def test_only_the_meant_place_changes(path: str, value: object, old: str, new: str) -> None:
    assert 1 == FILE.count(old)

    assert FILE.replace(old, new).replace("you:   #", "you:  #") == changed(FILE, path, value)


@pytest.mark.parametrize(
    ("text", "path", "value", "expected"),
    [
        ("a: 1\n", "b.c", "x", "a: 1\nb: { c: x }\n"),
        ("a: 1", "b", "x", "a: 1\nb: x\n"),
        ("a:\nb: 1\n", "a.c", "x", "a: { c: x }\nb: 1\n"),
        ("a:  # why\nb: 1\n", "a.c", "x", "a: { c: x }  # why\nb: 1\n"),
        ("a: {}\n", "a.c", "x", "a: { c: x }\n"),
        ("a:\n  keys: {}  # none\n", "a.keys.x", LONG["sha256"], f"a:\n  keys:  # none\n    x: {'f' * 64}\n"),
        ("a:\n  b: 1\n", "a.b", None, "a: {}\n"),
        ("a:  # why\n  b: 1\nc: 2\n", "a.b", None, "a: {}  # why\nc: 2\n"),
        ("a: { b: 1 }\n", "a.b", None, "a: {}\n"),
        ("a: { b: 1, c: 2 }\n", "a.c", None, "a: { b: 1 }\n"),
        ("a:\n- 1\n- 2\nb: 3\n", "a", "x", "a: x\nb: 3\n"),
        ("a:\n  b:\n    c: 1\nd: 2\n", "a", "x", "a: x\nd: 2\n"),
        ("a: {\n  b: 1  # one\n}\n", "a.c", 2, "a: {\n  b: 1, c: 2  # one\n}\n"),
        ("a: 1\r\nb: 2\r\n", "b", 3, "a: 1\r\nb: 3\r\n"),
        ("ä: 😀\nb: 2\n", "b", 3, "ä: 😀\nb: 3\n"),
    ],
)
def test_every_style_can_be_changed(text: str, path: str, value: object, expected: str) -> None:
    assert expected == changed(text, path, value)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "# without an end"])
def test_a_file_without_values_gets_some(text: str) -> None:
    edited = rewrite_yaml(text, {}, {"a": {"b": 1}})

    assert edited.startswith(text)
    assert {"a": {"b": 1}} == values(edited)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20))
def test_a_text_comes_back_as_it_was(value: str) -> None:
    assert {"a": value} == values(f"a: {flow_text(value)}\n")
    assert {"a": value} == values(rewrite_yaml("a: 'x'\n", {"a": "x"}, {"a": value}))
