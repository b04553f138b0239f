"""Hand-written additions: what they change, and that they say when the SDK moved away below them."""

from __future__ import annotations

import copy

import pytest

from ccproxy.jsontypes import Json, JsonObject
from ccproxy.schemagen.edits import EditError, apply_edit, find_place, parse_edits

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "messages": {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/User"}, {"$ref": "#/$defs/Reply"}]}},
    },
    "required": ["messages", "model"],
    "$defs": {
        "User": {"type": "object", "properties": {"content": {"type": ["string", "null"]}}},
        "Reply": {"type": "object", "properties": {"content": {"type": "array", "items": {"const": 1}}}},
    },
}


def edited(**entry: Json) -> JsonObject:
    schema = copy.deepcopy(SCHEMA)
    for edit in parse_edits({"in": "request", "why": "because", "source": "there", **entry}):
        apply_edit(schema, edit)
    return schema


def test_adds_and_replaces_fields() -> None:
    user = find_place(edited(at="User", add={"name": {"type": "string"}, "content": {}}), "User")

    assert user["properties"] == {"name": {"type": "string"}, "content": {}}


def test_removed_fields_are_not_required_either() -> None:
    schema = edited(remove=["model"])

    assert schema["required"] == ["messages"]
    assert "model" not in (schema["properties"] or ())


def test_makes_fields_optional_and_nullable() -> None:
    schema = edited(optional=["model", "messages"], nullable=["model"])

    assert "required" not in schema
    assert find_place(schema, "body.model") == {"type": ["string", "null"]}


def test_adds_alternatives_to_a_place() -> None:
    schema = edited(at="User.content", variants=[{"type": "integer"}])

    assert find_place(schema, "User.content") == {"type": ["string", "null", "integer"]}


def test_paths_look_through_references_unions_and_lists() -> None:
    assert find_place(SCHEMA, "body.messages[].content") == find_place(SCHEMA, "User.content")
    assert find_place(SCHEMA, "Reply.content[]") == {"const": 1}


def test_several_places_at_once() -> None:
    schema = edited(at=["User", "Reply"], add={"id": {}})

    assert "id" in (find_place(schema, "User")["properties"] or ())
    assert "id" in (find_place(schema, "Reply")["properties"] or ())


WRONG: dict[str, tuple[JsonObject, str]] = {
    "no_such_definition": ({"at": "Nobody", "add": {}}, "no definition `Nobody`"),
    "no_such_field": ({"at": "User.age", "add": {}}, "nothing at `age`"),
    "removes_what_is_not_there": ({"at": "User", "remove": ["age"]}, "has no field"),
    "already_optional": ({"at": "User", "optional": ["content"]}, "does not require"),
    "no_reason": ({"why": "", "add": {}}, "no `why` or `source`"),
    "unknown_key": ({"ad": {}}, "unknown"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refuses_edits_that_miss(name: str) -> None:
    entry, message = WRONG[name]

    with pytest.raises(EditError, match=message):
        edited(**entry)
