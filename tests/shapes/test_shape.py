"""Shapes of the unified format and of built values."""

from __future__ import annotations

import pytest

from ccproxy.shapes.expansion import forget_schemas
from ccproxy.shapes.schemas import SchemaNotFoundError, has_schema, load_schema, resolve_reference
from ccproxy.shapes.shape import Shape, shape_of, union

REQUEST = shape_of("unified/request")
MESSAGE = REQUEST.property("messages").shape.items()
BLOCK = MESSAGE.property("content").shape.items()


def test_follows_references_into_other_files() -> None:
    assert "tool_call" in (BLOCK.property("type").shape.enum() or ())


def test_references_are_relative_to_the_file_they_stand_in() -> None:
    assert resolve_reference("unified/request", "block.schema.json#/$defs/text") == ("unified/block", "/$defs/text")
    assert resolve_reference("wire/x/request", "../y/request.schema.json") == ("wire/y/request", "")
    assert resolve_reference("unified/request", "#/$defs/message") == ("unified/request", "/$defs/message")


def test_recursive_schemas_are_finite_values() -> None:
    results = BLOCK.narrow("type", "tool_result")

    assert results.property("content").shape.items() == BLOCK


def test_required_means_required_in_every_object() -> None:
    assert BLOCK.property("type").required
    assert not BLOCK.property("text").required
    assert BLOCK.narrow("type", "text").property("text").required


def test_unknown_only_when_no_alternative_has_the_field() -> None:
    assert BLOCK.property("source").known
    assert not BLOCK.property("sauce").known
    assert BLOCK.property("sauce").shape.is_nothing


def test_free_objects_have_any_field() -> None:
    extra = REQUEST.property("extra").shape

    assert extra.property("whatever").known
    assert extra.property("whatever").shape.is_any


def test_enum_is_none_unless_every_alternative_is_literal() -> None:
    assert MESSAGE.property("role").shape.enum() == {"user", "assistant", "system"}
    assert REQUEST.property("model").shape.enum() is None
    assert Shape.nothing().enum() is None


def test_literals_are_known_beside_open_alternatives() -> None:
    mixed = union(Shape.literal("auto", "none"), Shape.of("integer"))

    assert mixed.enum() is None
    assert mixed.literals() == {"auto", "none"}


def test_forgotten_schemas_are_read_again() -> None:
    forget_schemas()

    assert shape_of("unified/request") == REQUEST
    assert REQUEST.property("model").known


def test_exclude_drops_alternatives_that_are_always_excluded() -> None:
    rest = BLOCK.exclude("type", ["text", "image"])

    assert rest.property("type").shape.enum() == (BLOCK.property("type").shape.enum() or frozenset()) - {
        "text",
        "image",
    }
    assert not MESSAGE.exclude("role", ["user"]).is_nothing


def test_narrow_to_null_keeps_objects_that_may_lack_the_field() -> None:
    assert not REQUEST.narrow("model", None).is_nothing
    assert BLOCK.narrow("type", None).is_nothing


def test_unions_of_kinds_split_into_alternatives() -> None:
    code = shape_of("unified/error").property("code").shape

    assert code.kinds() == {"string", "integer"}
    assert code.only("integer") == Shape.of("integer")
    assert code.without("string") == Shape.of("integer")


def test_anything_swallows_other_alternatives() -> None:
    assert union(Shape.any(), Shape.of("string")).is_any
    assert union(Shape.literal("a"), Shape.of("string")) == Shape.of("string")
    assert union(Shape.literal("a"), Shape.literal(None)).enum() == {"a", None}


def test_true_and_one_are_different_literals() -> None:
    assert union(Shape.literal(True), Shape.literal(1)).kinds() == {"boolean", "integer"}
    assert Shape.literal(True) != Shape.literal(1)


def test_built_objects_answer_like_schema_objects() -> None:
    built = Shape.object({"type": Shape.literal("text"), "text": Shape.of("string")}, optional=["text"])

    assert built.property("type").required
    assert not built.property("text").required
    assert not built.property("other").known
    assert Shape.array(built).items() == built
    assert built.property_names() == {"type", "text"}


def test_numbers_admit_integers() -> None:
    built = Shape.object({"code": Shape.of("number")})

    assert built.narrow("code", 3) == built
    assert built.narrow("code", "3").is_nothing


def test_arrays_of_one_kind_have_no_fields() -> None:
    assert not Shape.array(Shape.any()).property("x").known
    assert Shape.of("string").items().is_nothing


def test_missing_schemas_are_said_to_be_missing() -> None:
    assert not has_schema("wire/no-such/request")
    with pytest.raises(SchemaNotFoundError, match="wire/no-such/request"):
        load_schema("wire/no-such/request")
    with pytest.raises(SchemaNotFoundError, match="nothing at `/nope`"):
        shape_of("unified/request", "/nope")
