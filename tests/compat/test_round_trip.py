"""Calls in every dialect, cut anywhere, are read as what was written; text that is no call stays what it is."""

import itertools
import json
import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccproxy.compat.parser import CallParser
from ccproxy.compat.toolbox import Toolbox
from ccproxy.compat.writing import write_calls
from compat.conftest import BOOK, DIALECTS, read_answer

# Texts that a careless reader would stumble over.
SNAGS = st.sampled_from(
    [
        "</arg>",
        "</call_tool>",
        '<call_tool name="x">',
        '<arg name="a">',
        "</parameter>",
        "</tool_call>",
        "<tool_call>",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&amp;amp;",
        "&",
        "<",
        "a < b && c > d",
        "\n",
        "\r\n",
        "```",
        "```json\n",
        "[TOOL_CALLS]",
        '"',
        "\\",
        "'",
        "\\u0041",
        "}",
        "{",
        "</function>",
        "<function=x>",
        "</invoke>",
        "5",
        "true",
        "null",
        "[1]",
        "{}",
        "<｜tool▁call▁end｜>",
        "<|tool_call_end|>",
        "</arg_value>",
        "é",
        "日本",
        "🙂",
        "\t",
        "\x00",
        "-->",
        "%}",
        "{{ x }}",
    ]
)
TEXT = st.lists(SNAGS | st.text(st.characters(codec="utf-8"), max_size=8), max_size=6).map("".join)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=8)
ARGUMENTS = st.dictionaries(
    NAMES | st.sampled_from(["-A", "-n", "name", "arguments", "type", "from", "a.b"]) | TEXT, VALUES, max_size=4
)
KINDS = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
    type(None): "null",
}


def tool(name, arguments, declares):
    """A tool whose schema fits these arguments; one that declares nothing takes anything."""
    properties = {key: {"type": KINDS[type(value)]} for key, value in arguments.items()}
    return {"type": "function", "name": name, "parameters": {"properties": properties} if declares else {}}


def cut(text, places):
    """The text in pieces."""
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@pytest.mark.parametrize("dialect", DIALECTS)
@given(
    arguments=ARGUMENTS,
    others=ARGUMENTS,
    declares=st.booleans(),
    places=st.lists(st.integers(0, 5000), max_size=12),
    each=st.booleans(),
)
@settings(max_examples=50, deadline=None)
def test_any_arguments_come_back(dialect, arguments, others, declares, places, each):
    tools = [tool("first_tool", arguments, declares), tool("Second", others, declares)]
    calls = [("first_tool", arguments), ("Second", others)]

    text = write_calls(BOOK.dialect(dialect), calls, Toolbox(tools))
    said = read_answer(list(text) if each else cut(text, places), tools, dialect)

    assert exact(calls) == exact(said), text


def exact(calls):
    """Calls so that 1, 1.0 and true differ."""
    return json.dumps(calls, sort_keys=True)


@given(text=TEXT | st.text(), places=st.lists(st.integers(0, 500), max_size=8))
@example(text='```json\n{"a": 1}\n```\n', places=[3, 4])
@settings(max_examples=150, deadline=None)
def test_no_text_is_lost(text, places):
    """Whatever is no call is text, as it was; so all is text where there is no tool to call."""
    said = "".join(read_answer(cut(text, places), []))

    assert text == said


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="<[{`~"), min_size=1)


@given(pieces=st.lists(PLAIN, max_size=20))
@settings(max_examples=100, deadline=None)
def test_text_without_markers_is_not_held_back(pieces):
    parser = CallParser(BOOK.grammar(BOOK.default), Toolbox([]))
    parser.feed("x")

    for piece in pieces:
        assert piece == "".join(event.text for event in parser.feed(piece))
        assert parser.is_idle


@pytest.mark.parametrize("text", ["a < b", "if x <= 3:\n  y", "List[int] and {x}", "<div>\n", "a `code` b", "1 << 2"])
def test_what_turns_out_not_to_be_a_marker_goes_on_with_the_next_character(text):
    parser = CallParser(BOOK.grammar(BOOK.default), Toolbox([]))
    said = ""
    parser.feed("-")

    for at, char in enumerate(text, 1):
        said += "".join(event.text for event in parser.feed(char))
        assert len(text[:at]) - len(said) <= 3

    assert text == said + "".join(event.text for event in parser.finish())
