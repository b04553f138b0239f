"""Trees keep values, types and places; no mistake hides another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.nodes import ListNode, MapNode, json_pointer, node_at, to_json, walk


def codes(text):
    return [problem.code for problem in load_yaml("a.yaml", text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1", {"a": 1}),
        ("a: 1.5e3", {"a": 1500.0}),
        ("a: 0x1F", {"a": 31}),
        ("a: 0o17", {"a": 15}),
        ("a: 017", {"a": 17}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a: true", {"a": True}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: '1'", {"a": "1"}),
        ("true: 1\n2: b", {"true": 1, "2": "b"}),
        ("n: = n", {"n": "= n"}),
        ("- a\n- [b, {c: d}]", ["a", ["b", {"c": "d"}]]),
        ("\ufeffa: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("a: { url: https://host }", {"a": {"url": "https://host"}}),
    ],
)
def test_types_follow_yaml_1_2(text, expected):
    node, problems = load_yaml("a.yaml", text)

    assert problems == []
    assert to_json(node) == expected


def test_keys_and_values_have_places():
    node, _ = load_yaml("a.yaml", "outer:\n  key: [one, 'two']\n")
    entry = node.get("outer").entry("key")

    assert (entry.key.span.line, entry.key.span.column, entry.key.span.end_column) == (2, 3, 6)
    assert (entry.value.span.column, entry.value.span.end_column) == (8, 20)
    assert (entry.value.items[1].span.column, entry.value.items[1].span.end_column) == (14, 19)


def test_places_count_characters_not_bytes():
    node, _ = load_yaml("a.yaml", "{ é日😀: x, b: y }")

    assert node.entry("b").key.span.column == 11


def test_nodes_are_found_by_path():
    node, _ = load_yaml("a.yaml", "a: [{b: c}]")

    assert node_at(node, ("a", 0, "b")).value == "c"
    assert node_at(node, ("a", 1)) is None
    assert json_pointer(("a/b", 0, "~")) == "/a~1b/0/~0"
    assert [type(each) for each in walk(node)][:3] == [MapNode, type(node.entries[0].key), ListNode]


def test_a_duplicate_key_keeps_the_first_value():
    node, problems = load_yaml("a.yaml", "a: 1\na: 2")

    assert to_json(node) == {"a": 1}
    assert [problem.code for problem in problems] == ["Y102"]


def test_several_mistakes_are_told_at_once():
    assert codes("a: = x ? y : z\nb: &q { c: = d[0], e: = f ? g : h }\nmode: on\nmode: 1\n") == [
        "Y105", "Y106", "Y105", "Y105", "Y103", "Y102",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a: = model   # a real comment",
        "a: { b: = x, c: = y.z }",
        "a: = items#$i",
        "a: \"= f(x, ')')\"",
        "a: [= x, = y]",
        "a: |\n  = x ? y : z # no comment",
        "a: '= {\"x\": 1}'",
        "a: = x ? y",
    ],
)
def test_honest_expressions_are_no_traps(text):
    assert codes(text) == []


@pytest.mark.parametrize("text", ["[" * 5000, "a: " * 300 + "b", "{" * 200, "? " * 200, "- " * 500])
def test_deep_nesting_is_a_problem_not_a_crash(text):
    node, problems = load_yaml("a.yaml", text)

    assert node is None
    assert problems


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "a: b\n---\nc: d\n", "---\n---\n"])
def test_a_file_is_one_document(text):
    assert codes(text) == ["Y108"]


def test_missing_files_are_problems(tmp_path):
    node, problems = load_yaml(tmp_path / "nothing.yaml")

    assert node is None
    assert [problem.code for problem in problems] == ["Y107"]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab:= \n\t#?-[]{},'\"|>&*!%@`\\~<.é\x01\u2028"), max_size=40))
def test_no_text_is_a_crash(text):
    node, problems = load_yaml("a.yaml", text)

    assert node is not None or problems
    lines = text.replace("\r", "\n").split("\n")
    for problem in problems:
        assert 1 <= problem.span.line <= len(lines)
        assert 1 <= problem.span.column < problem.span.end_column
