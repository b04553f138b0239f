"""Reading expressions: what they need, where their parts stand, and where reading fails."""

import pytest

from ccproxy.expr import syntax as s
from ccproxy.expr.errors import ExpressionError
from ccproxy.expr.parse import parse_expression


def test_the_same_text_is_parsed_once() -> None:
    assert parse_expression("a.b") is parse_expression("a.b")


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("$x.a + $y", {"x", "y"}),
        ("($x := 1; $x + $y)", {"y"}),
        ("($x; $x := 1)", {"x"}),
        ("$map($list, function($v) { $v & $sep })", {"list", "sep"}),
        ("$map($list, $string)", {"list"}),
        ("a@$v.b[$v]", set()),
        ("$ & $$", set()),
    ],
)
def test_names_the_variables_it_needs(text: str, variables: set[str]) -> None:
    assert variables == parse_expression(text).variables


def test_names_the_functions_it_calls() -> None:
    assert {"exists", "as_list"} == parse_expression("$exists(a) ? $as_list(b)").functions


@pytest.mark.parametrize("text", ["a.bcd", "'é' & `a b`", 'a = "x\\"y"', "$abc.d[12]", "$func(x, -1.5e3)"])
def test_every_leaf_knows_its_characters(text: str) -> None:
    leaves = [node for node in s.walk(parse_expression(text).ast) if isinstance(node, s.Name | s.Variable | s.Literal)]

    for leaf in leaves:
        written = text[leaf.offset : leaf.offset + leaf.length]
        assert _text_of(leaf) in (written, written.strip("`"), written[1:-1].replace("\\", ""), f"-{written}")


def _text_of(leaf: s.Name | s.Variable | s.Literal) -> str:
    if isinstance(leaf, s.Variable):
        return f"${leaf.name}"
    return leaf.name if isinstance(leaf, s.Name) else {-1500: "-1.5e3"}.get(leaf.value, str(leaf.value))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [("a +", "S0207", 2), ("content[0", "S0203", 8), ("", "S0207", 0), ("a ) b", "S0201", 2), ("'abc", "S0101", 3),
     ("function($x)<s<n>>{1}", "S0207", 21), ("[1!2]", "S0207", 5)],
)  # fmt: skip
def test_says_where_reading_stopped(text: str, code: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as error:
        parse_expression(text)

    assert (code, offset) == (error.value.code, error.value.offset)
