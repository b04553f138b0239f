"""Texts as they stand in real traffic, by the name of the field: ids, names, arguments, pictures, schemas."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = "JVBERi0xLjQKJSVFT0YK"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": ["integer", "null"]}, "where": {"$ref": "#/$defs/at"}},
    "required": ["city"],
    "$defs": {"at": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]}},
    "additionalProperties": False,
}
WORDS = st.one_of(
    st.sampled_from(["Go.", "", " ", "a\nb", "Grüße ☀️ 👩‍👩‍👧", '{"a": 1}', "\u2028\u2029", "data: x\n\n", "\0"]),
    st.sampled_from(["<think>", "</think> so"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)  # fmt: skip
IDS = ["call_1", "toolu_01", "fc_2", "call_1", "msg_1", "a.b/c:1", "", "x" * 80]
NAMES = ["get_weather", "get_weather", "a.b", "mcp__x__y", "ü", "run", "9lives", "n" * 70]
URLS = ["https://example.org/a.png", f"data:image/png;base64,{PIXEL}", "gs://b/o", "data:,x", ""]
BY_NAME: dict[str, list[str]] = {
    "id": IDS, "call_id": IDS, "tool_use_id": IDS, "tool_call_id": IDS, "item_id": IDS, "file_id": ["file-1"],
    "name": NAMES, "tool_name": NAMES, "allowedFunctionNames": NAMES,
    "arguments": ['{"city": "Bern"}', "{}", "", '{"a":', "[1]", "null", '{"x": "\\ud83d\\ude00"}'],
    "partial_json": ['{"city"', ': "Bern"}', "", "{}"],
    "data": [PIXEL, PDF], "imageBytes": [PIXEL], "file_data": [f"data:application/pdf;base64,{PDF}", PDF],
    "thoughtSignature": ["c2ln", "CikB0e2Kb9o="], "signature": ["c2ln", "EqQBCkYIBxgCKkA="],
    "encrypted_content": ["gAAAAABo", ""], "images": [PIXEL],
    "url": URLS, "image_url": URLS, "fileUri": URLS, "file_url": URLS,
    "media_type": ["image/png", "application/pdf", "text/plain"],
    "mimeType": ["image/png", "application/pdf", "text/plain", "audio/wav"],
    "model": ["m", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-pro"], "modelVersion": ["gemini-2.5-pro"],
    "role": ["user", "assistant", "model", "system", "tool"],
    "created_at": ["2026-01-02T03:04:05.678Z", "x"],
    "jsonPath": ["$.city", "$.a[0].b", "$.a[1]", "$", "$.", "$['x']", "city"],
    "finish_reason": ["stop", "length", "tool_calls"], "done_reason": ["stop", "length", "load"],
}  # fmt: skip
CHECKED = {"data", "imageBytes", "images", "media_type", "mimeType", "thoughtSignature"}
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from([0.5, "x", "", "Bern"]))
ANYTHING = st.one_of(
    LEAVES,
    st.dictionaries(st.sampled_from(["a", "city", "type"]), LEAVES, max_size=2),
    st.lists(LEAVES, max_size=2),
    st.sampled_from([SCHEMA, {"type": "object", "properties": {}}, {"type": "OBJECT", "nullable": True}]),
)


@cache
def text_for(name: str) -> st.SearchStrategy[str]:
    """Texts for a field: mostly what such a field holds, now and then any words, which a schema allows as well."""
    usual = BY_NAME.get(name)
    if usual is None:
        return WORDS
    return (
        st.sampled_from(usual) if name in CHECKED else st.one_of(st.sampled_from(usual), st.sampled_from(usual), WORDS)
    )
