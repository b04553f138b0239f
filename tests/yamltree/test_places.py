"""Each character of a value is found again in the file, whatever the style of quoting."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    SingleQuotedScalarString,
)

from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import node_at

BLOCK = """\
outer:
  stop_reason: |
    = $exists(choice.finish_reason)
      ? $stopReason(choice.finish_reason)
      : 'end'
"""


def characters(text, node):
    """What stands in the file where each character of the value is said to be."""
    lines = text.split("\n")
    for offset in range(len(node.text)):
        place = node.place(offset)
        yield (lines[place.line - 1] + "\n")[place.column - 1]


def test_it_finds_a_place_inside_a_block():
    node, _ = load_yaml("a.yaml", BLOCK)
    text = node_at(node, ("outer", "stop_reason"))

    place = text.place(text.text.index("$stopReason"), len("$stopReason"))

    assert (place.line, place.column, place.end_column) == (4, 9, 20)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: plain text\n", "plain text"),
        ("a: 'it''s'\n", "it's"),
        ('a: "x\\ty \\u00e9z"\n', "x\\y \\z"),
        ("a: |\n  one\n    two\n", "one\n  two\n"),
        ("a: |2-\n    one\n  two\n", "  one\ntwo"),
        ("a: >-\n  one\n  two\n\n  three\n", "one\ntwo\nthree"),
        ("a: plain\n  more\n\n  last\n", "plain\nmore\nlast"),
        ("a: 'quoted\n  more'\n", "quoted\nmore"),
        ('a: "cut \\\n  here"\n', "cut here"),
        ("{ a: [b, 'c d'] }\n", "c d"),
    ],
)
def test_it_finds_every_character(text, found):
    node, _ = load_yaml("a.yaml", text)
    value = node.get("a")

    assert "".join(characters(text, value if hasattr(value, "text") else value.items[1])) == found


def test_a_place_behind_the_end_is_the_end():
    node, _ = load_yaml("a.yaml", "a: = x\n")

    place = node.get("a").place(99)

    assert (place.line, place.column) == (1, 7)


@settings(deadline=None)
@example(LiteralScalarString, ":  ")
@given(
    st.sampled_from([SingleQuotedScalarString, DoubleQuotedScalarString, LiteralScalarString, FoldedScalarString, str]),
    st.text(st.sampled_from("ab '\"\\:#,{é日\n"), min_size=1, max_size=60).filter(lambda text: text.strip()),
)
def test_every_written_text_is_found_again(style, value):
    stream = StringIO()
    YAML().dump({"outer": [{"key": style(value)}]}, stream)
    text = stream.getvalue()

    node, problems = load_yaml("a.yaml", text)

    if problems:
        return
    scalar = node_at(node, ("outer", 0, "key"))
    assert scalar.text == value
    for wanted, found in zip(value, characters(text, scalar), strict=True):
        folded = wanted in " \n" and found in " \n"
        escaped = found == "\\" and scalar.style == "double"
        assert found == wanted or folded or escaped
