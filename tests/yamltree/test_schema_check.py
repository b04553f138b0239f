"""One mistake gives one problem, in words of our own."""

import json

import pytest

from ccproxy.diagnostics.model import sort_diagnostics
from ccproxy.yamltree.loader import load_yaml
from ccproxy.yamltree.schema_check import check_schema
from ccproxy.yamltree.schema_store import SchemaStore

BLOCKS = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
            "required": ["type", "text"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"type": {"const": "image"}, "url": {"type": "string"}, "size": {"type": "integer"}},
            "required": ["type", "url"],
            "additionalProperties": False,
        },
        {"type": "string"},
    ]
}


@pytest.fixture
def check(tmp_path):
    def run(schema, text):
        (tmp_path / "it.schema.json").write_text(json.dumps(schema))
        node, problems = load_yaml("a.yaml", text)
        assert problems == []
        found = sort_diagnostics(check_schema(node, "it", SchemaStore(tmp_path)))
        return [(problem.code, problem.span.line, problem.span.column, problem.message) for problem in found]

    return run


def test_the_branch_is_chosen_by_its_discriminator(check):
    assert check(BLOCKS, "{ type: image, ulr: x, size: big }") == [
        ("S203", 1, 16, "unknown key `ulr` in the file"),
        ("S201", 1, 30, "`size` must be a whole number"),
    ]


def test_an_unknown_discriminator_is_told_as_such(check):
    assert check(BLOCKS, "{ type: vido }") == [("S204", 1, 9, "`type` cannot be `vido`")]


def test_a_type_that_no_branch_has_is_told_as_such(check):
    assert check(BLOCKS, "[1]") == [("S201", 1, 1, "the file must be a mapping or text")]


def test_nested_unions_are_resolved(check):
    schema = {"properties": {"items": {"type": "array", "items": {"anyOf": [{"type": "null"}, BLOCKS]}}}}

    assert check(schema, "items:\n  - { type: text, txt: a }") == [
        ("S203", 2, 19, "unknown key `txt` in item 1 of `items`")
    ]


def test_several_misspelt_keys_take_different_names(check):
    schema = {"properties": {"a_one": {}, "a_two": {}}, "required": ["a_one", "a_two"], "additionalProperties": False}

    assert check(schema, "a_onee: 1\na_twoo: 2") == [
        ("S203", 1, 1, "unknown key `a_onee` in the file"),
        ("S203", 2, 1, "unknown key `a_twoo` in the file"),
    ]


def test_a_missing_key_is_told_at_its_owner(check):
    schema = {"properties": {"inner": {"title": "Inner part", "type": "object", "required": ["x"]}}}

    assert check(schema, "outer: 1\ninner:\n  y: 1") == [("S202", 2, 1, "missing key `x` in the inner part")]


def test_no_library_wording_reaches_a_user(check):
    rules = {
        "a": {"pattern": "^x$"},
        "b": {"minItems": 2, "uniqueItems": True},
        "c": {"not": {"type": "string"}},
        "d": {"multipleOf": 2},
        "e": {"contains": {"const": 1}},
        "f": {"propertyNames": {"pattern": "^[a-z]+$"}},
        "g": {"if": {"required": ["x"]}, "then": {"required": ["y"]}},
        "h": {"dependentRequired": {"x": ["y"]}},
        "i": {"patternProperties": {"^no": False}},
        "j": {"oneOf": [{"type": "integer"}, {"minimum": 1}]},
    }
    text = "a: z\nb: [1]\nc: s\nd: 3\ne: [2]\nf: {A: 1}\ng: {x: 1}\nh: {x: 1}\ni: {nope: 1}\nj: 5\n"
    found = check({"properties": rules}, text)

    assert [line for _, line, _, _ in found] == sorted({line for _, line, _, _ in found})
    assert len(found) == len(rules)
    for _, _, _, message in found:
        assert not any(word in message for word in ("is not valid under", "does not match", "schema", "is a required"))


def test_references_stay_inside_the_folder(check, tmp_path):
    (tmp_path / "other.schema.json").write_text(json.dumps({"type": "integer"}))
    schema = {"$id": "https://ccproxy.dev/schemas/it.schema.json", "properties": {"a": {"$ref": "other.schema.json"}}}

    assert check(schema, "a: b") == [("S201", 1, 4, "`a` must be a whole number")]
