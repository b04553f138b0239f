"""Helpers, each as a mapping calls it."""

import re

import pytest

from ccproxy.expr.compile import compile_expression
from ccproxy.expr.helpers.catalogue import HELPERS, describe_helpers
from ccproxy.expr.missing import MISSING

HASH = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  # of "key"


@pytest.mark.parametrize(
    ("text", "context", "expected"),
    [
        ("$as_list(a)", {}, []),
        ("$as_list(a)", {"a": None}, []),
        ("$as_list(a)", {"a": [1]}, [1]),
        ("$as_list(a)", {"a": {"x": 1}}, [{"x": 1}]),
        ("$join_text(['a', '', null, 'b', b], ' ')", {}, "a b"),
        ("$join_text(a)", {"a": ["x", 1]}, "x1"),
        ("$join_text(a)", {}, ""),
        ("$min_of(a, 4)", {}, 4),
        ("$max_of(a, 4)", {"a": 5}, 5),
        ("$min_of(a, b)", {}, MISSING),
        ("$default(a, 1)", {"a": None}, 1),
        ("$default(a, b)", {}, MISSING),
        ("$not_empty(a)", {"a": 0}, True),
        ("$not_empty(a)", {"a": {}}, False),
        ("$lookup_in(a, 'x')", {"a": {"x": None}}, None),
        ("$lookup_in(a, 'y')", {"a": {"x": 1}}, MISSING),
        ("$matches_glob(a, 'gpt-*')", {"a": "gpt-5\n"}, True),
        ("$matches_glob(a, ['o?', 'x'])", {"a": "o1"}, True),
        ("$matches_glob(a, 'a.c')", {"a": "abc"}, False),
        ("$starts_with(a, 'x')", {}, False),
        ("$ends_with(a, ':latest')", {"a": "m:latest"}, True),
        ("$short_hash('key', 3)", {}, "key"),
        ("$short_hash('key', 2)", {}, HASH[:2]),
        ("$base64_standard('_-8')", {}, "/+8="),
        ("$base64_standard('AA\n==')", {}, "AA=="),
        ("$bytes_of_text('hé')", {}, [104, 195, 169]),
        ("$bytes_of_text(5)", {}, MISSING),
        ("$data_uri('image/png', 'iVBO')", {}, "data:image/png;base64,iVBO"),
        ("$data_uri('image/png', a)", {}, MISSING),
        ("$is_data_uri('https://x/data:,')", {}, False),
        ("$data_uri_type('data:image/png;charset=x;base64,iVBO')", {}, "image/png"),
        ("$data_uri_type('data:,x')", {}, "text/plain"),
        ("$data_uri_data('data:image/png;base64,iVBO')", {}, "iVBO"),
        ("$data_uri_data('data:,a%20b')", {}, "YSBi"),
        ("$data_uri_data('https://x')", {}, MISSING),
        ("$parse_json(a)", {"a": '{"x": [1, 1.10, 18446744073709551616]}'}, {"x": [1, 1.1, 18446744073709551616]}),
        ("$parse_json(a)", {"a": '{"x"'}, MISSING),
        ("$parse_json(a)", {"a": "null"}, None),
        ("$parse_json(a)", {"a": "NaN"}, MISSING),
        ("$parse_arguments(a)", {}, {}),
        ("$parse_arguments(a)", {"a": ""}, {}),
        ("$parse_arguments(a)", {"a": {"x": 1}}, {"x": 1}),
        ("$parse_arguments(a)", {"a": '{"x":1}'}, {"x": 1}),
        ("$parse_arguments(a)", {"a": '{"x"'}, '{"x"'),
        ("$parse_arguments(a)", {"a": "[1]"}, "[1]"),
        ("$to_json(a)", {"a": {"x": ["é", None]}}, '{"x":["é",null]}'),
        ("$to_json(a)", {"a": 2**70}, str(2**70)),
        ("$to_json(a)", {}, MISSING),
        ("$strip_nulls(a)", {"a": {"x": None, "y": 0}}, {"y": 0}),
        ("$without(a, ['x'])", {"a": {"x": 1, "y": 2}}, {"y": 2}),
        ("$pick(a, 'x')", {"a": {"x": 1, "y": 2}}, {"x": 1}),
        ("$merge_deep(a, b)", {"a": {"x": {"p": 1}}, "b": {"x": {"q": 2}}}, {"x": {"p": 1, "q": 2}}),
        ("$merge_deep(a, b)", {"a": {"x": 1}}, {"x": 1}),
    ],
)
def test_gives(text: str, context: object, expected: object) -> None:
    actual = compile_expression(text)(context, {})  # type: ignore[arg-type]

    assert repr(expected) == repr(actual)


def test_merging_leaves_both_as_they_were() -> None:
    context = {"a": {"x": {"p": 1}}, "b": {"x": {"q": 2}}}

    compile_expression("$merge_deep(a, b)")(context, {})

    assert context == {"a": {"x": {"p": 1}}, "b": {"x": {"q": 2}}}


@pytest.mark.parametrize("name", sorted(HELPERS))
def test_the_example_of_each_helper_holds(name: str) -> None:
    examples = re.findall(r"`(\$.+?\))` is `(.+?)`(?= when|[,.\n]|$)", HELPERS[name].doc)

    for expression, result in examples:
        assert compile_expression(result)({}, {}) == compile_expression(expression)({}, {})


def test_the_description_names_every_helper() -> None:
    assert all(f"`{entry.signature}`" in describe_helpers() for entry in HELPERS.values())
