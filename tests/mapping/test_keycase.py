"""Field names in two cases become one, and the client's own data stays as it is."""

from __future__ import annotations

from ccproxy.mapping.keycase import camel_body, camel_name

KEEP = frozenset({"args", "parametersJsonSchema"})


def test_it_writes_names_in_camel_case_at_any_depth() -> None:
    body = {
        "generation_config": {"stop_sequences": ["a_b"]},
        "contents": [{"parts": [{"inline_data": {"mime_type": "x"}}]}],
    }

    assert {
        "generationConfig": {"stopSequences": ["a_b"]},
        "contents": [{"parts": [{"inlineData": {"mimeType": "x"}}]}],
    } == camel_body(body, KEEP)


def test_it_leaves_data_of_the_client_alone() -> None:
    body = {"function_call": {"args": {"a_b": 1}}, "parameters_json_schema": {"properties": {"c_d": {}}}}

    assert {
        "functionCall": {"args": {"a_b": 1}},
        "parametersJsonSchema": {"properties": {"c_d": {}}},
    } == camel_body(body, KEEP)


def test_it_gives_a_body_back_that_needs_nothing() -> None:
    body = {"contents": [{"parts": [{"functionCall": {"name": "a_b", "args": {"a_b": 1}}}]}]}

    assert body is camel_body(body, KEEP)


def test_it_keeps_leading_underscores() -> None:
    assert ["_x", "aB1", "a"] == [camel_name(name) for name in ("_x", "a_b_1", "a")]
