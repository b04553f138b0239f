"""Answers that are cut, empty or strange: an error or the words, never an empty success and never a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccproxy import Engine
from ccproxy.conversion.errors import UpstreamError
from conversions.cases import read_events

PROTOCOLS = ("claude", "cohere", "gemini", "ollama", "openai-chat", "openai-responses")
# Half of a character in each protocol's smallest stream; programs that count UTF-16 units send such texts.
HALF = {
    "claude": [
        {"type": "message_start", "message": {"id": "m", "content": [], "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a\ud83d"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ],
    "gemini": [{"candidates": [{"content": {"parts": [{"text": "a\ud83d"}]}, "finishReason": "STOP"}]}],
    "ollama": [{"message": {"role": "assistant", "content": "a\ud83d"}, "done": True}],
    "openai-chat": [{"choices": [{"index": 0, "delta": {"content": "a\ud83d"}, "finish_reason": "stop"}]}],
    "openai-responses": [
        {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "a\ud83d"},
        {"type": "response.completed", "response": {"status": "completed", "output": []}},
    ],
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("upstream", PROTOCOLS)
@pytest.mark.parametrize("body", [{}, {"id": "x", "model": "m", "usage": {}}], ids=["nothing", "usage_only"])
def test_an_answer_without_content_is_an_error(engine: Engine, upstream: str, client: str, body: Any) -> None:
    with pytest.raises(UpstreamError) as raised:
        engine.response(dict(body), source=upstream, target=client)

    assert ("upstream", 502) == (raised.value.error["kind"], raised.value.error["status"])
    assert "without" in str(raised.value.error["message"])


@pytest.mark.parametrize("client", PROTOCOLS)
@pytest.mark.parametrize("upstream", sorted(HALF))
def test_half_a_character_spoils_no_stream(engine: Engine, upstream: str, client: str) -> None:
    texts = [json.dumps(event) for event in HALF[upstream]]
    lines = [f"{text}\n" if upstream == "ollama" else f"data: {text}\n\n" for text in texts]
    stream = engine.stream(source=upstream, target=client)

    output = stream.feed("".join(lines).encode("ascii")) + stream.close()

    assert stream.error is None
    assert "a\ufffd" in json.dumps(read_events(output), ensure_ascii=False)
