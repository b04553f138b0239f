"""Results of MCP tools as models see them."""

from __future__ import annotations

import pytest

from ccproxy.inject.offering import offering_of
from ccproxy.inject.results import NOTHING, result_block
from ccproxy.inject.rounds import added_usage
from ccproxy.jsontypes import JsonObject

CALL = {"type": "tool_call", "id": "c1", "name": "look", "arguments": {}}
PICTURE = {"type": "image", "data": "QUJD", "mimeType": "image/png"}
TEXT_FILE = {"type": "resource", "resource": {"uri": "file:///a", "text": "inside"}}
BLOB = {"type": "resource", "resource": {"uri": "file:///b", "blob": "QUJD", "mimeType": "application/zip"}}
LINK = {"type": "resource_link", "uri": "file:///c", "name": "c"}


def contents(result: JsonObject, most: int = 1000) -> list[object]:
    block = result_block(CALL, result, most)  # type: ignore[arg-type]
    assert ("tool_result", "c1", "look") == (block["type"], block["id"], block["name"])
    return [part.get("text", part.get("source")) for part in block["content"]]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, ["a", "b"]),
        ({"content": [PICTURE]}, [{"type": "base64", "media_type": "image/png", "data": "QUJD"}]),
        ({"content": [TEXT_FILE]}, ["file:///a\ninside"]),
        ({"content": [BLOB]}, ["(file:///b: 4 bytes of application/zip)"]),
        ({"content": [LINK]}, ['{"type":"resource_link","uri":"file:///c","name":"c"}']),
        ({"content": [], "structuredContent": {"a": 1}}, ['{"a":1}']),
        ({"content": [{"type": "text", "text": "a"}], "structuredContent": {"a": 1}}, ["a"]),
        ({"content": []}, [NOTHING]),
        ({}, [NOTHING]),
    ],
    ids=str,
)
def test_every_kind_of_content(result: JsonObject, expected: list[object]) -> None:
    assert expected == contents(result)


def test_the_limit_is_one_for_all_parts() -> None:
    text: JsonObject = {"type": "text", "text": "é" * 4}

    first, second, picture = contents({"content": [text, text, PICTURE]}, most=11)

    assert "éééé" == first
    assert "é\n(cut: 5 more bytes; the result is too large)" == second
    assert "(image of 4 bytes left out: the result is too large)" == picture


def test_an_error_is_marked() -> None:
    assert result_block(CALL, {"content": [], "isError": True}, 10)["error"] is True  # type: ignore[arg-type]
    assert "error" not in result_block(CALL, {"content": [], "isError": False}, 10)  # type: ignore[arg-type]


def test_names_make_room_for_the_clients() -> None:
    offering = offering_of([{"name": "a"}, {"name": "b", "title": "B"}], {"a", "mcp_a"})

    assert {"mcp_a_2": "a", "b": "b"} == offering.names
    assert [None, "B"] == [tool.get("description") for tool in offering.tools]
    assert offering.is_own({"type": "tool_call", "name": "b"})
    assert not offering.is_own({"type": "tool_call", "name": "b", "namespace": "theirs"})
    assert not offering.is_own({"type": "tool_call", "name": "a"})


def test_usage_is_summed() -> None:
    summed = added_usage({"input": 1, "output": 2}, {"input": 3, "reasoning": 4})

    assert {"input": 4, "output": 2, "reasoning": 4} == summed
