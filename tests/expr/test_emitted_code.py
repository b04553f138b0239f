"""What the compiler writes for the expressions that mappings use most."""

import pytest

from ccproxy.expr.compile import compiled_expression
from ccproxy.expr.emit import EmitScope, Want, emit_expression
from ccproxy.expr.emitter import Emitter, failing_place
from ccproxy.expr.errors import ExpressionFailure
from ccproxy.expr.parse import parse_expression


def emitted(text: str, want: Want = Want.LOOSE, variables: dict[str, str] | None = None) -> list[str]:
    """The lines for an expression whose context `v` is an object; the last is the atom."""
    emitter = Emitter()
    scope = EmitScope("v", variables or {}, frozenset({"v"}))
    atom = emit_expression(parse_expression(text), emitter, scope, want)
    return [*emitter.lines, atom]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("text", ["t1 = v.get('text')", "t1"]),
        ("$", ["v"]),
        ("'chat'", ["'chat'"]),
        (
            "delta.content",
            [
                "t1 = v.get('delta')",
                "t2 = t1.get('content') if type(t1) is dict else _last_step(t1, 'content', None) if t1 else None",
                "t2",
            ],
        ),
        ("$as_list(content)", ["t1 = v.get('content')", "t2 = t1 if type(t1) is list else _as_list(t1)", "t2"]),
        ("n & ' x'", ["t1 = v.get('n', _MISSING)", "t2 = (t1 if type(t1) is str else _text_of(t1)) + ' x'", "t2"]),
        ("$exists(id)", ["t1 = 'id' in v", "t1"]),
        ("type in ['a', 'b']", ["t1 = v.get('type') in ('a', 'b')", "t1"]),
    ],
)
def test_reads_like_written_by_hand(text: str, lines: list[str]) -> None:
    assert lines == emitted(text)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("type = 'text'", "(v.get('type') == 'text')"),
        ("stream = true", "(v.get('stream', _MISSING) is True)"),
        ("$exists(id) and type = 'x'", "(('id' in v) and (v.get('type') == 'x'))"),
        ("$not($exists(id))", "(not ('id' in v))"),
    ],
)
def test_conditions_are_plain_comparisons(text: str, condition: str) -> None:
    assert [condition] == emitted(text, Want.TRUTH)


def test_reads_a_field_once_in_a_straight_run_of_lines() -> None:
    lines = emitted("usage.prompt_tokens - (usage.prompt_tokens_details.cached_tokens ?? 0)")

    assert sum("'usage'" in line for line in lines) == 1


def test_forgets_what_was_read_in_a_block_that_is_over() -> None:
    emitter = Emitter()
    scope = EmitScope("v", {}, frozenset({"v"}))
    with emitter.block("if c:"):
        emit_expression(parse_expression("a"), emitter, scope, Want.LOOSE)

    emit_expression(parse_expression("a"), emitter, scope, Want.LOOSE)

    assert emitter.lines == ["if c:", "    t1 = v.get('a')", "t2 = v.get('a')"]


def test_reads_an_attribute_anew_for_each_expression() -> None:
    emitter = Emitter()
    scope = EmitScope("v", {"message": "c.message"})
    for _ in range(2):
        emit_expression(parse_expression("$message"), emitter, scope, Want.VALUE)

    assert emitter.lines == ["t1 = c.message", "t2 = c.message"]


def test_a_failure_is_traced_to_the_place_of_its_line() -> None:
    emitter = Emitter()
    with emitter.block("def run(v):"):
        emitter.at("first rule")
        emit_expression(parse_expression("a"), emitter, EmitScope("v"), Want.VALUE)
        emitter.at("second rule")
        emit_expression(parse_expression("a + 1"), emitter, EmitScope("v"), Want.VALUE)
    run = emitter.load("<test>")["run"]

    with pytest.raises(ExpressionFailure) as failure:
        run({"a": "one"})  # type: ignore[operator]

    assert failing_place(failure.value, "<test>", emitter.places) == "second rule"


def test_what_is_not_compiled_falls_back() -> None:
    compiled = compiled_expression("items^(>price).name")

    assert compiled.falls_back
    assert compiled.run({"items": [{"name": "a", "price": 1}, {"name": "b", "price": 2}]}, {}) == ["b", "a"]


def test_tables_are_functions() -> None:
    emitter = Emitter()
    from ccproxy.expr.tables import TableInfo

    compiled = compiled_expression("$stop(reason)", {"stop": TableInfo({"length": "max_tokens"}, "end")})

    assert not emitter.lines
    assert [compiled.run({"reason": reason}, {}) for reason in ("length", "other")] == ["max_tokens", "end"]
