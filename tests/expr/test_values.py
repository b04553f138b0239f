"""Nothing, null, single results and big numbers, where mappings meet them."""

import pytest

from ccproxy.expr.compile import compile_expression
from ccproxy.expr.errors import ExpressionFailure
from ccproxy.expr.missing import MISSING

BIG = 12345678901234567890123
MESSAGES = {
    "messages": [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "b"}]},
    ]
}


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("a", {}, MISSING),
        ("a", {"a": None}, None),
        ("a.b", {"a": None}, MISSING),
        ("a.b", {"a": [{"b": 1}]}, 1),
        ("a.b", {"a": [{"b": [1]}]}, [1]),
        ("a.b", {"a": [{"b": [1]}, {"b": 2}]}, [1, 2]),
        ("a[]", {"a": 1}, [1]),
        ("a[]", {}, MISSING),
        ("a", {"a": []}, []),
        ("a.b", {"a": []}, MISSING),
        ("messages.role", MESSAGES, ["user", "assistant"]),
        ("messages.content[type = 'text'].text", MESSAGES, ["a", "b"]),
        ("messages[-1].role", MESSAGES, "assistant"),
        ("messages[role = 'user'].content[0].text", MESSAGES, "a"),
        ("a[1] ?? 'x'", {"a": [1, 2]}, 2),
        ("a ?? 'x'", {"a": None}, None),
        ("a ?: 'x'", {"a": 0}, "x"),
        ("a & b", {"a": None, "b": 1.5}, "null1.5"),
        ("a != 'x'", {}, False),
        ("a = 1", {"a": True}, False),
        ("a", {"a": BIG}, BIG),
        ("$to_json(a)", {"a": BIG}, str(BIG)),
        ("$parse_json(a)", {"a": str(BIG)}, BIG),
        ("10 / 4", {}, 2.5),
        ("10 / 5", {}, 2),
        ("$count(a)", {"a": "x"}, 1),
        ("$contains(a, /^gpt-\\d/)", {"a": "gpt-5"}, True),
        ("{'a': a, 'b': b}", {"a": None}, {"a": None}),
        ("[a, b, c]", {"a": [1], "c": None}, [1, None]),
        ("($n := a; $n & $n)", {"a": "x"}, "xx"),
        ("$map(a, function($v, $i) { $i & $v })", {"a": ["x", "y"]}, ["0x", "1y"]),
        ("$map(a, $string)", {"a": [1, 2]}, ["1", "2"]),
        ("$filter(a, function($v) { $v > 1 })", {"a": [1, 2]}, 2),
        ("$sift(a, function($v) { $v })", {"a": {"x": 1, "y": 0}}, {"x": 1}),
        ("a.{'n': b}", {"a": [{"b": 1}, {"b": 2}]}, [{"n": 1}, {"n": 2}]),
        ("$$.a = b", {"a": 1, "b": 1}, True),
    ],
)
def test_gives(text: str, context: object, expected: object) -> None:
    actual = compile_expression(text)(context, {})  # type: ignore[arg-type]

    assert repr(expected) == repr(actual)


@pytest.mark.parametrize(
    ("text", "code"),
    [("a + 1", "T2001"), ("a > 1", "T2009"), ("-a", "D1002"), ("1 / 0", "D1001"), ("$uppercase(1)", "T0410"),
     ("$number(a)", "D3030"), ("$error('no')", "D3137"), ("$nope(1)", "T1006")],
)  # fmt: skip
def test_fails_with_the_code_of_jsonata(text: str, code: str) -> None:
    with pytest.raises(ExpressionFailure) as failure:
        compile_expression(text)({"a": "x"}, {})

    assert code == failure.value.code


def test_variables_tell_nothing_from_null() -> None:
    run = compile_expression("[$exists($a), $exists($b), $exists($c)]")

    assert run({}, {"a": 1, "b": None}) == [True, True, False]


def test_the_fallback_sees_variables_and_helpers() -> None:
    run = compile_expression("$as_list($a).* ~> $join_text('-')")

    assert run({}, {"a": [{"n": "x"}, {"n": "y"}]}) == "x-y"


def test_the_fallback_does_not_write_into_its_input() -> None:
    context = {"a": [[], 1]}

    compile_expression("a{'x': $}")(context, {})

    assert context == {"a": [[], 1]}
