"""What stays of an SDK's schema."""

from __future__ import annotations

import pytest

from ccproxy.jsontypes import JsonObject
from ccproxy.schemagen.naming import drop_twins, shorten_names
from ccproxy.schemagen.prune import inline_trivial, prune
from ccproxy.schemagen.slim import drop_openness, slim

TEXT: JsonObject = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def test_prose_and_defaults_go() -> None:
    assert slim({"type": "string", "title": "T", "description": "d", "default": None, "examples": ["x"]}) == {
        "type": "string"
    }


def test_fields_named_like_keywords_stay() -> None:
    schema: JsonObject = {"type": "object", "properties": {"title": {"type": "string"}, "default": {"type": "integer"}}}

    assert slim(schema) == schema


UNIONS: dict[str, tuple[JsonObject, JsonObject]] = {
    "null_joins_the_type": (
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": ["string", "null"]},
    ),
    "null_joins_an_array": (
        {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
        {"type": ["array", "null"], "items": {"type": "string"}},
    ),
    "null_joins_an_enum": (
        {"anyOf": [{"enum": ["a", "b"], "type": "string"}, {"type": "null"}]},
        {"enum": ["a", "b", None]},
    ),
    "an_open_enum_is_a_string": (
        {"anyOf": [{"type": "string"}, {"enum": ["model-1", "model-2"], "type": "string"}]},
        {"type": "string"},
    ),
    "one_of_is_any_of": (
        {"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}], "discriminator": {"propertyName": "type"}},
        {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]},
    ),
    "nested_unions_are_flat": (
        {"anyOf": [{"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}, {"$ref": "#/$defs/B"}]},
        {"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}, {"type": "null"}]},
    ),
    "anything_swallows_the_rest": ({"anyOf": [{}, {"type": "null"}]}, {}),
    "doubles_go": ({"anyOf": [{"type": "string"}, {"type": "string", "format": "path"}]}, {"type": "string"}),
    "literals_join": ({"anyOf": [{"const": "a"}, {"const": "b"}]}, {"enum": ["a", "b"]}),
    "literals_stay_beside_other_kinds": (
        {"anyOf": [{"const": "auto"}, {"type": "integer"}]},
        {"anyOf": [{"const": "auto"}, {"type": "integer"}]},
    ),
}


@pytest.mark.parametrize("name", UNIONS)
def test_unions_take_their_shortest_form(name: str) -> None:
    given, expected = UNIONS[name]

    assert expected == slim(given)


def test_the_openness_of_sdk_classes_goes_but_maps_stay() -> None:
    assert drop_openness({"type": "object", "additionalProperties": True}) == {"type": "object"}
    assert drop_openness({"additionalProperties": {"type": "integer"}}) == {"additionalProperties": {"type": "integer"}}


def test_response_twins_of_request_classes_go() -> None:
    schema: JsonObject = {
        "anyOf": [{"$ref": "#/$defs/BetaTextParam"}, {"$ref": "#/$defs/BetaText"}, {"$ref": "#/$defs/Other"}]
    }

    assert drop_twins(schema, ["Beta"]) == {"anyOf": [{"$ref": "#/$defs/BetaTextParam"}, {"$ref": "#/$defs/Other"}]}


def test_names_lose_module_prefix_and_param() -> None:
    schema: JsonObject = {"$ref": "#/$defs/sdk__types__BetaTextParam", "$defs": {"sdk__types__BetaTextParam": TEXT}}

    assert shorten_names(schema, ["Beta"]) == {"$ref": "#/$defs/Text", "$defs": {"Text": TEXT}}


def test_names_that_would_clash_keep_their_module() -> None:
    schema: JsonObject = {"$defs": {"sdk__call__Function": TEXT, "sdk__choice_param__Function": TEXT}}

    assert set(shorten_names(schema, [])["$defs"] or ()) == {"CallFunction", "ChoiceFunction"}


def test_definitions_that_nothing_reaches_go() -> None:
    schema: JsonObject = {"$ref": "#/$defs/A", "$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": TEXT, "C": TEXT}}

    assert set(prune(schema)["$defs"] or ()) == {"A", "B"}


def test_definitions_that_say_less_than_their_name_are_put_in() -> None:
    schema: JsonObject = {
        "properties": {"mode": {"anyOf": [{"$ref": "#/$defs/Mode"}, {"type": "null"}]}},
        "$defs": {"Mode": {"enum": ["a", "b"]}},
    }

    assert inline_trivial(schema) == {"properties": {"mode": {"enum": ["a", "b", None]}}}


def test_recursive_definitions_stay() -> None:
    schema: JsonObject = {"$ref": "#/$defs/Tree", "$defs": {"Tree": {"items": {"$ref": "#/$defs/Tree"}}}}

    assert inline_trivial(schema) == schema
