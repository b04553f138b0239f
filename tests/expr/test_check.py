"""The static check: one mistake is one problem, at its characters, with what to write instead."""

import pytest

from ccproxy.expr.check.checker import check_expression
from ccproxy.expr.check.problems import StaticScope
from ccproxy.expr.parse import parse_expression
from ccproxy.expr.tables import TableInfo
from ccproxy.shapes.shape import Shape

TEXT, NUMBER = Shape.of("string"), Shape.of("integer")
PART = Shape.object({"type": Shape.literal("text"), "text": TEXT}).union(
    Shape.object({"type": Shape.literal("image"), "url": TEXT})
)
MESSAGE = Shape.object({"role": Shape.literal("user", "assistant"), "content": TEXT.union(Shape.array(PART))})
REQUEST = Shape.object({"model": TEXT, "max_tokens": NUMBER, "messages": Shape.array(MESSAGE)})
SCOPE = StaticScope(REQUEST, {"request": REQUEST}, {"stop_reason": TableInfo({"stop": "end"})})


def problems_of(text: str) -> list[tuple[str, str, str]]:
    """The code, marked characters and help of each problem."""
    problems, _ = check_expression(parse_expression(text), SCOPE)
    return [(found.code, text[found.offset :][: found.length], found.help) for found in problems]


def shape_of(text: str) -> Shape:
    return check_expression(parse_expression(text), SCOPE)[1]


@pytest.mark.parametrize(
    "text",
    [
        "model", "messages.role", "messages[0].content", "messages[role = 'user'].content.text", "$request.model",
        "$stop_reason(model)", "$as_list(messages).role", "messages.content.(type = 'text' ? text : url)",
        "messages.content[type = 'image'].url", "$map(messages, function($m) { $m.role })", "*.anything", "$$.model",
        "$type(model) = 'string'", "($m := messages[0]; $m.role)", "($f := function($x) { $x }; $f(model))",
        "max_tokens ? max_tokens + 1 : 0", "$exists(model) and model != ''", "messages^(role).role",
    ],
)  # fmt: skip
def test_finds_nothing_in(text: str) -> None:
    assert problems_of(text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("modle", ("X305", "modle", "write `model`")),
        ("messages.rol", ("X305", "rol", "write `role`")),
        ("$request.modle", ("X305", "modle", "write `model`")),
        ("model.name", ("X305", "name", "")),
        ("messages.content[type = 'image'].text", ("X305", "text", "the fields here: `type` and `url`")),
        ("type = 'x' ? 1 : modle", ("X305", "modle", "write `model`")),
        ("$map(messages, function($m) { $m.rol })", ("X305", "rol", "write `role`")),
        ("$stopReason(model)", ("X302", "$stopReason", "write `$stop_reason(…)`")),
        ("exists(model)", ("X302", "exists", "write `$exists(…)`")),
        ("$now()", ("X302", "$now", "")),
        ("$request(1)", ("X302", "$request", "remove the parentheses")),
        ("$reqest", ("X303", "$reqest", "write `$request`")),
        ("$substring()", ("X304", "$substring", "")),
        ("$data_uri(model)", ("X304", "$data_uri", "use it as `$data_uri(media_type, base64)`")),
        ("$stop_reason()", ("X304", "$stop_reason", "")),
        ("messages[role = 'usr']", ("X306", "'usr'", "write `user`")),
        ("messages.role in ['user', 'asistant']", ("X306", "'asistant'", "write `assistant`")),
        ("$uppercase(max_tokens)", ("X306", "max_tokens", "turn it into text with `$string(…)`")),
        ("model + 1", ("X306", "model", "")),
    ],
)
def test_finds(text: str, problem: tuple[str, str, str]) -> None:
    found = [entry for entry in problems_of(text) if entry[1] != "type"]

    assert [problem] == found


def test_goes_on_after_the_first_mistake() -> None:
    assert [code for code, _, _ in problems_of("modle & $stopReason(model) & $reqest")] == ["X305", "X302", "X303"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model", TEXT),
        ("max_tokens + 1", NUMBER),
        ("max_tokens / 2", Shape.of("number")),
        ("model & 'x'", TEXT),
        ("model = 'x'", Shape.of("boolean")),
        ("$as_list(model)", Shape.array(TEXT)),
        ("$as_list(messages[0].content)", Shape.array(TEXT.union(PART))),
        ("$exists(model) ? 'a' : 'b'", Shape.literal("a", "b")),
        ("{'a': model}", Shape.object({"a": TEXT})),
        ("[model, messages.role]", Shape.array(TEXT)),
        ("$stop_reason(model)", Shape.literal("end")),
        ("messages.role", Shape.literal("user", "assistant").union(Shape.array(Shape.literal("user", "assistant")))),
        ("$lookup($request, 'model')", TEXT),
    ],
)
def test_infers(text: str, expected: Shape) -> None:
    assert expected == shape_of(text)
