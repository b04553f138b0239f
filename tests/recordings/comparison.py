"""What a client reads from a converted answer, compared with what the provider said, for every pair of protocols.

A conversion is good when both readers find the same answer, up to what the client's protocol cannot say.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ccproxy.conversion.engine import Engine
from recordings.answers import END, FILTER, Answer, read_chat, read_chat_stream, read_claude, read_claude_stream
from recordings.gemini_answers import check_gemini_chunks, read_gemini, read_gemini_stream
from recordings.ollama_answers import check_ollama_lines, read_ollama, read_ollama_stream
from recordings.responses_answers import check_response_events, read_responses, read_responses_stream
from recordings.stream_rules import check_chat_chunks, check_claude_events

CHAT, CLAUDE, RESPONSES, GEMINI, OLLAMA = "openai-chat", "claude", "openai-responses", "gemini", "ollama"
READERS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    CHAT: read_chat,
    CLAUDE: read_claude,
    RESPONSES: read_responses,
    GEMINI: read_gemini,
    OLLAMA: read_ollama,
}
STREAM_READERS: dict[str, Callable[[bytes], Answer]] = {
    CHAT: read_chat_stream,
    CLAUDE: read_claude_stream,
    RESPONSES: read_responses_stream,
    GEMINI: read_gemini_stream,
    OLLAMA: read_ollama_stream,
}
CHECKS: dict[str, Callable[[bytes], None]] = {
    CHAT: check_chat_chunks,
    CLAUDE: check_claude_events,
    RESPONSES: check_response_events,
    GEMINI: check_gemini_chunks,
    OLLAMA: check_ollama_lines,
}
# Their thoughts come in one piece; others have summaries in parts, which are joined with blanks.
BLANKS_COUNT = {CHAT, CLAUDE, GEMINI}
SAID = [{"role": "user", "content": "Go."}]
REQUESTS: dict[str, dict[str, Any]] = {
    RESPONSES: {"model": "m", "input": "Go.", "stream": True, "include": ["reasoning.encrypted_content"]},
    CHAT: {"model": "m", "messages": SAID, "stream_options": {"include_usage": True}},
    CLAUDE: {"model": "m", "messages": SAID, "max_tokens": 100},
    GEMINI: {"contents": [{"role": "user", "parts": [{"text": "Go."}]}]},
    OLLAMA: {"model": "m", "messages": SAID},
}


def convert_in_pieces(
    engine: Engine, source: str, client: str, raw: bytes, cuts: random.Random, request: dict[str, Any] | None
) -> bytes:
    """The stream that a client gets, when the upstream's bytes come in pieces of any size."""
    stream = engine.stream(source=source, target=client, request=request)
    output, start = b"", 0
    while start < len(raw):
        end = start + cuts.randint(1, 400)
        output += stream.feed(raw[start:end])
        start = end
    return output + stream.close()


def check_whole(client: str, source: str, given: Any, body: Any) -> None:
    """A whole answer says to the client what the upstream's says."""
    expected, actual = READERS[source](given), READERS[client](body)
    compare(client, source, expected, actual, streamed=False)


def check_stream(client: str, source: str, given: bytes, output: bytes) -> None:
    """A stream says to the client what the upstream's says, and keeps the rules of the client's protocol."""
    expected, actual = STREAM_READERS[source](given), STREAM_READERS[client](output)
    compare(client, source, expected, actual, streamed=True)
    if not (expected.error and RESPONSES in (client, source)):
        CHECKS[client](output)


def compare(client: str, source: str, expected: Answer, actual: Answer, *, streamed: bool) -> None:
    seen = as_seen_by(client, expected, streamed=streamed)
    read = as_read(actual, expected)
    if {client, source} <= BLANKS_COUNT:
        seen = replace(seen, reasoning=expected.reasoning)
        read = replace(read, reasoning=actual.reasoning)
    if {client, source} <= {CHAT, CLAUDE}:
        read = replace(read, stop=actual.stop)
    assert seen == read


def as_seen_by(client: str, answer: Answer, *, streamed: bool = False) -> Answer:
    """What a client's protocol can say. Blanks in thoughts are not compared."""
    seen = replace(answer, reasoning=without_blanks(answer.reasoning))
    if client not in (CHAT, RESPONSES):
        seen = replace(seen, text=answer.text + answer.refusal, refusal="")
    if client in (GEMINI, OLLAMA) or (client == CLAUDE and not streamed):
        calls = [(name, {"input": said} if isinstance(said, str) else said) for name, said in answer.calls]
        seen = replace(seen, calls=calls)
    if client == GEMINI and answer.usage:
        seen = replace(seen, usage=with_caches(answer.usage, "cache_write"))
    if client == OLLAMA:
        seen = replace(seen, stop=END if answer.stop == FILTER else answer.stop)
        seen = replace(seen, usage=with_caches(answer.usage, "cache_read", "cache_write") if answer.usage else {})
    return seen


def with_caches(usage: dict[str, int], *names: str) -> dict[str, int]:
    return {**usage, **dict.fromkeys(names, 0), "input": usage["input"] + sum(usage[name] for name in names)}


def as_read(actual: Answer, expected: Answer) -> Answer:
    """Zeros and estimates count as no usage where the provider gave none; a broken answer needs no stop."""
    read = replace(actual, reasoning=without_blanks(actual.reasoning), usage=actual.usage if expected.usage else {})
    return replace(read, stop=expected.stop) if expected.error else read


def without_blanks(text: str) -> str:
    return "".join(text.split())
