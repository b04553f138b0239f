"""What models write, well and badly: tests/fixtures/compat. Each case is read whole, and character by character."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ccproxy.compat.parser import CallParser
from ccproxy.compat.toolbox import Toolbox
from compat.conftest import BOOK, read_answer

FOLDER = Path(__file__).parent.parent / "fixtures" / "compat"


def load(name):
    return YAML(typ="safe").load(FOLDER / f"{name}.yaml")


TOOLS = [{"type": "function", **tool} for tool in load("tools")]


def cases(*names):
    return [pytest.param(case, id=f"{name}: {case['it']}") for name in names for case in load(name)]


def expected(says):
    return [item if isinstance(item, str) else next(iter(item.items())) for item in says]


@pytest.mark.parametrize("case", cases("recovered", "dialects", "exact"))
def test_it(case):
    dialect = case.get("dialect")

    assert expected(case["says"]) == read_answer([case["text"]], TOOLS, dialect)
    assert expected(case["says"]) == read_answer(case["text"], TOOLS, dialect)


@pytest.mark.parametrize("case", cases("talk", "malformed"))
def test_it_stays_text(case):
    dialect = case.get("dialect")

    assert [case["text"]] == read_answer([case["text"]], TOOLS, dialect)
    assert [case["text"]] == read_answer(case["text"], TOOLS, dialect)


@pytest.mark.parametrize("case", cases("malformed"))
def test_it_is_kept_while_the_model_can_be_asked_again(case):
    own = BOOK.dialect(case["dialect"]) if "dialect" in case else BOOK.default
    parser = CallParser(BOOK.grammar(own), Toolbox(TOOLS))
    parser.may_hold = True

    said = [event for char in case["text"] for event in parser.feed(char)]

    if not parser.is_kept:  # only the end shows that some are not complete
        said += parser.finish()
    assert said == []
    assert case["reason"] == parser.reason
    assert case["text"] == parser.unsaid
    assert case["text"] == "".join(event.text for event in parser.finish())


@pytest.mark.parametrize("case", cases("talk"))
def test_talk_is_not_malformed(case):
    parser = CallParser(BOOK.grammar(BOOK.default), Toolbox(TOOLS))

    parser.feed(case["text"])
    parser.finish()

    assert parser.reason == ""


def test_a_call_that_was_cut_off_stays_cut_off():
    text = '<call_tool name="write_file"><arg name="path">a</arg><arg name="content">half of it'

    said = read_answer([text[:40], text[40:]], TOOLS, cut=True)

    assert [("write_file", '{"path":"a","content":"half of it')] == said


def test_text_arguments_arrive_as_they_are_written():
    parser = CallParser(BOOK.grammar(BOOK.default), Toolbox(TOOLS))
    parser.feed('<call_tool name="run"><arg name="command">')

    for word in ("one ", "two ", "three\n"):
        assert "".join(event.text for event in parser.feed(word)).rstrip("\\n") == word.rstrip("\n")
